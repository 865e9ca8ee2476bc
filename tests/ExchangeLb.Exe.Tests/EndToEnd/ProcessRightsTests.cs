using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>What the process may do and how much it may have.</summary>
[Collection(nameof(EndToEnd))]
public sealed class ProcessRightsTests : IDisposable
{
    private readonly Site _site = new();

    public void Dispose() => _site.Dispose();

    [RootFact]
    public void Every_thread_becomes_the_user_and_group_and_loses_roots_groups()
    {
        string file = WithGlobal("user nobody\n    group nogroup");
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", file]);
        _site.WaitServes();

        string[][] threads = [.. Directory.GetDirectories($"/proc/{run.Pid}/task").Select(StatusOf).OfType<string[]>()];

        Assert.True(threads.Length > 1);
        Assert.All(threads, status =>
        {
            Assert.Contains("Uid:\t65534\t65534\t65534\t65534", status);
            Assert.Contains("Gid:\t65534\t65534\t65534\t65534", status);
            Assert.Equal("Groups:", status.Single(line => line.StartsWith("Groups:", StringComparison.Ordinal)).Trim());
            Assert.Contains("CapEff:\t0000000000000000", status);
        });
        using Socket session = _site.Connect();
    }

    [RootFact]
    public void Who_is_not_root_stays_who_he_is_and_says_why_with_the_lines()
    {
        string file = WithGlobal("chroot /var/lib/haproxy\n    user root\n    group root");
        using ProgramRun run = AsNobody("-f", file);
        _site.WaitServes();

        string[] status = StatusOf($"/proc/{run.Pid}/task/{run.Pid}")!;
        Assert.Contains("Uid:\t65534\t65534\t65534\t65534", status);
        Eventually.True(() => run.Error.Contains("not followed", StringComparison.Ordinal), "a notice");
        string notice = Assert.Single(run.Error.Split('\n'), line => line.Contains("not followed", StringComparison.Ordinal));
        Assert.StartsWith("[NOTICE]", notice, StringComparison.Ordinal);
        Assert.EndsWith($"parsing [{file}:3] : 'user' and 'group' ({file}:4) are not followed: this process was not started as root, "
            + "so it goes on as the user that it is (uid 65534)", notice, StringComparison.Ordinal);
    }

    [RootFact]
    public void Who_is_not_root_and_is_whom_the_file_wants_says_nothing()
    {
        using ProgramRun run = AsNobody("-V", "-f", WithGlobal("uid 65534\n    gid 65534"));
        _site.WaitServes();

        Eventually.True(() => run.Error.Contains("maxconn is", StringComparison.Ordinal), "what it said has been read");
        Assert.DoesNotContain("followed", run.Error, StringComparison.Ordinal);
    }

    [RootFact]
    public void A_stats_socket_where_the_user_may_not_write_names_the_folder_and_the_remedy()
    {
        using ProgramRun run = AsNobody("-f", WithGlobal("stats socket /run/admin.sock"));

        Assert.Equal(1, run.WaitExit());
        Assert.Contains(
            "stats socket: cannot open '/run/admin.sock': this process (uid 65534) can't write in the folder /run; the packaged service's own folder is "
            + "/run/exchangelb: write 'stats socket /run/exchangelb/admin.sock'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_systemd_a_file_that_says_daemon_stays_the_process_that_systemd_started()
    {
        string path = Path.Combine(_site.Directory, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        manager.Bind(new UnixDomainSocketEndPoint(path));
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", WithGlobal("daemon")], ("NOTIFY_SOCKET", path));

        Assert.Equal($"READY=1\nMAINPID={run.Pid}", Receive(manager));
    }

    [Fact]
    public void A_chroot_is_accepted_with_a_notice()
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-f", WithGlobal("chroot /var/lib/haproxy")]);

        _site.WaitServes();

        // What it said before it served may be read after that.
        Eventually.True(() => run.Error.Contains("chroot /var/lib/haproxy", StringComparison.Ordinal), "a notice");
        string notice = run.Error.Split('\n').Single(line => line.Contains("chroot /var/lib/haproxy", StringComparison.Ordinal));
        Assert.StartsWith("[NOTICE]", notice, StringComparison.Ordinal);
        Assert.Contains("systemd", notice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maxconn 100000", "", 1)]
    [InlineData("no strict-limits\n    maxconn 100000", "", 0)]
    [InlineData("", "-n 100000", 1)]
    [InlineData("maxconn 10", "", 0)]
    public void Connections_that_the_descriptors_do_not_suffice_for_are_refused_or_cut_down(string global, string flags, int failure)
    {
        using ProgramRun run = UnderLimit(500, global, flags);

        if (failure != 0)
        {
            Assert.Equal(failure, run.WaitExit());
            Assert.Contains("[ALERT]", run.Error, StringComparison.Ordinal);
            Assert.Contains("limit is 500", run.Error, StringComparison.Ordinal);
            return;
        }
        _site.WaitServes();
        string[] expected = global.Contains("100000", StringComparison.Ordinal) ? ["[NOTICE]", "[WARNING]"] : [];
        Eventually.True(() => run.Severities.SequenceEqual(expected), "what it said has been read");
    }

    [Fact]
    public void The_descriptor_limit_that_was_not_asked_for_decides_how_many_connections_there_are()
    {
        using ProgramRun run = UnderLimit(500, "", "-V");

        _site.WaitServes();
        Eventually.True(() => run.Error.Contains("maxconn is", StringComparison.Ordinal), "what it said has been read");

        string line = run.Error.Split('\n').Single(line => line.Contains("maxconn is", StringComparison.Ordinal));
        int connections = int.Parse(line.Split(' ')[^1].TrimEnd('.'), CultureInfo.InvariantCulture);
        Assert.InRange(connections, 150, 245);
    }

    [Fact]
    public void The_service_manager_is_told_when_clients_are_served_and_when_no_more()
    {
        string path = Path.Combine(_site.Directory, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        manager.Bind(new UnixDomainSocketEndPoint(path));
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-Ws", "-f", _site.Configuration], ("NOTIFY_SOCKET", path));

        string first = Receive(manager);
        Assert.True(_site.Accepts());
        string status = Receive(manager);
        run.Send(Signal.SIGTERM);
        string last = Receive(manager);

        Assert.Equal($"READY=1\nMAINPID={run.Pid}", first);
        Assert.Equal("STATUS=serving", status);
        Assert.Equal("STOPPING=1\nSTATUS=stopping", last);
        Assert.Equal(143, run.WaitExit());
    }

    [Fact]
    public void A_watchdog_is_fed_more_than_once_in_its_time()
    {
        string path = Path.Combine(_site.Directory, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        manager.Bind(new UnixDomainSocketEndPoint(path));

        using ProgramRun run = ProgramRun.Start(
            ProgramRun.ExchangeLb, _site.Directory, ["-f", _site.Configuration], ("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "400000"));

        string[] told = [.. Enumerable.Range(0, 4).Select(_ => Receive(manager))];
        Assert.Equal(["STATUS=serving", "WATCHDOG=1", "WATCHDOG=1"], told[1..]);
    }

    [Fact]
    public void The_managed_heap_can_be_limited()
    {
        using ProgramRun run = ProgramRun.Start(ProgramRun.ExchangeLb, _site.Directory, ["-m", "64", "-f", _site.Configuration]);

        _site.WaitServes();

        using Socket session = _site.Connect();
        Assert.False(run.HasExited);
    }

    /// <summary>Null: the thread has ended meanwhile.</summary>
    private static string[]? StatusOf(string thread)
    {
        try
        {
            return File.ReadAllLines(thread + "/status");
        }
        catch (IOException)
        {
            return Directory.Exists(thread) ? throw new InvalidOperationException($"{thread}/status cannot be read") : null;
        }
    }

    private static string Receive(Socket socket)
    {
        byte[] bytes = new byte[512];
        return Encoding.UTF8.GetString(bytes, 0, socket.Receive(bytes));
    }

    private ProgramRun AsNobody(params string[] flags)
    {
        File.SetUnixFileMode(_site.Directory, (UnixFileMode)0b111_101_101);
        return ProgramRun.Start("/usr/bin/setpriv", _site.Directory,
            ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", ProgramRun.ExchangeLb, .. flags]);
    }

    private ProgramRun UnderLimit(int descriptors, string global, string flags) => ProgramRun.Start("/usr/bin/setpriv", _site.Directory,
        [
            "--bounding-set=-sys_resource", "--inh-caps=-sys_resource", "/bin/sh", "-c",
            $"ulimit -n {descriptors}; exec {ProgramRun.ExchangeLb} {flags} -f {WithGlobal(global)}",
        ]);

    private string WithGlobal(string lines) => _site.WriteFile("global.cfg",
        File.ReadAllText(_site.Configuration).Replace("global\n", $"global\n    {lines}\n", StringComparison.Ordinal));
}
