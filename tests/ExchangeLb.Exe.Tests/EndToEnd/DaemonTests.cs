using System;
using System.IO;
using System.Linq;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

[Collection(nameof(EndToEnd))]
public sealed class DaemonTests : IDisposable
{
    private readonly Site _site = new();

    public void Dispose()
    {
        if (File.Exists(_site.PidFile))
        {
            Signals.Send(_site.ReadPid(), Signal.SIGKILL);
        }
        _site.Dispose();
    }

    [HaproxyTheory]
    [InlineData(ProgramRun.Haproxy)]
    [InlineData(null)]
    public void The_parent_returns_when_the_child_serves_and_has_written_its_pid(string? program)
    {
        using ProgramRun parent = ProgramRun.Finish(
            program ?? ProgramRun.ExchangeLb, _site.Directory, "-D", "-f", _site.Configuration, "-p", _site.PidFile);

        Assert.Equal(0, parent.WaitExit());
        Assert.True(File.Exists(_site.PidFile));
        Assert.True(_site.Accepts());
        Assert.NotEqual(parent.Pid, _site.ReadPid());
        Assert.Equal("", parent.Error);
    }

    [HaproxyTheory]
    [InlineData(ProgramRun.Haproxy)]
    [InlineData(null)]
    public void The_child_has_let_go_of_session_parent_and_terminal(string? program)
    {
        using ProgramRun parent = ProgramRun.Finish(
            program ?? ProgramRun.ExchangeLb, _site.Directory, "-D", "-f", _site.Configuration, "-p", _site.PidFile);
        int pid = _site.ReadPid();

        // pid (comm) state ppid pgrp session tty_nr: proc_pid_stat(5)
        string[] stat = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        string[] streams = [.. Enumerable.Range(0, 3).Select(fd => File.ResolveLinkTarget($"/proc/{pid}/fd/{fd}", false)!.FullName)];

        Assert.NotEqual(parent.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), stat[1]);
        Assert.Equal(pid.ToString(System.Globalization.CultureInfo.InvariantCulture), stat[3]);
        Assert.Equal("0", stat[4]);
        Assert.Equal(["/dev/null", "/dev/null", "/dev/null"], streams);
        Assert.Equal(_site.Directory, File.ResolveLinkTarget($"/proc/{pid}/cwd", false)!.FullName);
    }

    [Fact]
    public void The_word_daemon_in_the_file_does_the_same_and_db_overrules_it()
    {
        string file = _site.WriteFile("daemon.cfg",
            File.ReadAllText(_site.Configuration).Replace("global\n", $"global\n    daemon\n    pidfile {_site.PidFile}\n", StringComparison.Ordinal));

        using ProgramRun parent = ProgramRun.Finish(ProgramRun.ExchangeLb, _site.Directory, "-f", file);
        int pid = _site.ReadPid();
        Assert.Equal(0, parent.WaitExit());
        Signals.Send(pid, Signal.SIGTERM);
        Eventually.True(() => !Signals.Send(pid, Signal.SIGUSR2), "the child ended");
        File.Delete(_site.PidFile);

        using ProgramRun foreground = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-db", "-f", file]);
        _site.WaitServes();
        Assert.False(foreground.HasExited);
        Assert.False(File.Exists(_site.PidFile));
    }

    [Fact]
    public void A_child_that_cannot_bind_says_so_and_its_exit_code_is_the_parents()
    {
        using ProgramRun first = ProgramRun.Start(ProgramRun.Haproxy, _site.Directory, ["-f", _site.WriteFile("exclusive.cfg",
            File.ReadAllText(_site.Configuration).Replace("global\n", "global\n    noreuseport\n", StringComparison.Ordinal))]);
        _site.WaitServes();

        using ProgramRun parent = ProgramRun.Finish(
            ProgramRun.ExchangeLb, _site.Directory, "-D", "-f", _site.Configuration, "-p", _site.PidFile);

        Assert.Equal(1, parent.WaitExit());
        Assert.Contains("Address already in use", parent.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_site.PidFile));
    }

    [Fact]
    public void Warnings_of_the_configuration_are_said_once()
    {
        string file = _site.WriteFile("warning.cfg",
            File.ReadAllText(_site.Configuration).Replace("    timeout client 60s\n", "", StringComparison.Ordinal));

        using ProgramRun parent = ProgramRun.Finish(ProgramRun.ExchangeLb, _site.Directory, "-D", "-f", file, "-p", _site.PidFile);

        Assert.Equal(0, parent.WaitExit());
        Assert.Single(parent.Error.Split('\n'), line => line.StartsWith("[WARNING]", StringComparison.Ordinal));
    }

    [Fact]
    public void A_relative_directory_is_changed_to_once()
    {
        Directory.CreateDirectory(Path.Combine(_site.Directory, "sub"));
        File.Copy(_site.Configuration, Path.Combine(_site.Directory, "sub", "x.cfg"));

        using ProgramRun parent = ProgramRun.Finish(ProgramRun.ExchangeLb, _site.Directory, "-D", "-C", "sub", "-f", "x.cfg", "-p", "../site.pid");

        Assert.Equal(0, parent.WaitExit());
        Assert.Equal(Path.Combine(_site.Directory, "sub"), File.ResolveLinkTarget($"/proc/{_site.ReadPid()}/cwd", false)!.FullName);
    }
}
