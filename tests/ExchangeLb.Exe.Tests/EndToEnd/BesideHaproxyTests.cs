using System;
using System.IO;
using System.Linq;
using ExchangeLb.Linux.Process;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>The same command line and file for both programs: same exit code, same kinds of messages, same verdict.</summary>
[Collection(nameof(EndToEnd))]
public sealed class BesideHaproxyTests : IDisposable
{
    private const string NoTimeouts = "listen l\n    mode tcp\n    bind 127.0.0.1:1\n    server a 127.0.0.1:2\n";

    private readonly Site _site = new();

    public BesideHaproxyTests()
    {
        _site.WriteFile("warning.cfg", NoTimeouts);
        _site.WriteFile("quiet.cfg", "global\n    quiet\n" + NoTimeouts);
        _site.WriteFile("zero.cfg", "global\n    zero-warning\n" + NoTimeouts);
        _site.WriteFile("unknown.cfg", "listen l\n    mode tcp\n    bind 127.0.0.1:1\n    balnce roundrobin\n    server a 127.0.0.1:2\n");
        _site.WriteFile("three.cfg", "listen l\n    mode tcp\n    bind 127.0.0.1:99999\n    balnce x\n    timeout client 1fortnight\n");
        _site.WriteFile("no-listener.cfg", "backend b\n    mode tcp\n    timeout connect 1s\n    timeout server 1s\n    server a 127.0.0.1:2\n");
        _site.WriteFile("outside.cfg", "bind 127.0.0.1:1\n");
        _site.WriteFile("user.cfg", File.ReadAllText(_site.Configuration).Replace("global\n", "global\n    user nobody-has-this-name\n", StringComparison.Ordinal));
        _site.WriteFile("cannot-bind.cfg", File.ReadAllText(_site.Configuration).Replace(_site.Address.ToString(), "192.0.2.1:443", StringComparison.Ordinal));
        _site.WriteFile("too-many.cfg", File.ReadAllText(_site.Configuration).Replace("global\n", "global\n    maxconn 2000000000\n", StringComparison.Ordinal));
        Directory.CreateDirectory(Path.Combine(_site.Directory, "conf.d"));
        _site.WriteFile("conf.d/10-site.cfg", File.ReadAllText(_site.Configuration));
        _site.WriteFile("conf.d/20-more.cfg", "backend b\n    mode tcp\n    timeout connect 1s\n    timeout server 1s\n    server a 127.0.0.1:2\n");
        _site.WriteFile("conf.d/.30-hidden.cfg", "nonsense\n");
    }

    public void Dispose() => _site.Dispose();

    [HaproxyTheory]
    [InlineData("")]
    [InlineData("-c")]
    [InlineData("word")]
    [InlineData("-h")]
    [InlineData("-z")]
    [InlineData("-f")]
    [InlineData("-f site.cfg more")]
    [InlineData("-n -f site.cfg -c")]
    [InlineData("-v")]
    [InlineData("-vv")]
    [InlineData("-c -f site.cfg")]
    [InlineData("-c -f site.cfg -V")]
    [InlineData("-cV -f site.cfg")]
    [InlineData("-c -q -f site.cfg")]
    [InlineData("-c -- site.cfg")]
    [InlineData("-c -f conf.d")]
    [InlineData("-C conf.d -c -f 10-site.cfg -f 20-more.cfg")]
    [InlineData("-C nowhere -c -f site.cfg")]
    [InlineData("-c -f none.cfg")]
    [InlineData("-f none.cfg")]
    [InlineData("-c -f warning.cfg")]
    [InlineData("-c -f warning.cfg -q")]
    [InlineData("-c -f warning.cfg -q -V")]
    [InlineData("-c -f warning.cfg -dW")]
    [InlineData("-c -f zero.cfg")]
    [InlineData("-c -f quiet.cfg")]
    [InlineData("-c -f quiet.cfg -V")]
    [InlineData("-c -f unknown.cfg")]
    [InlineData("-c -q -f unknown.cfg")]
    [InlineData("-f unknown.cfg")]
    [InlineData("-D -f unknown.cfg")]
    [InlineData("-c -f three.cfg")]
    [InlineData("-c -f outside.cfg -f unknown.cfg")]
    [InlineData("-c -f no-listener.cfg")]
    [InlineData("-f no-listener.cfg")]
    [InlineData("-c -f user.cfg")]
    [InlineData("-f cannot-bind.cfg")]
    [InlineData("-q -f cannot-bind.cfg")]
    [InlineData("-D -f cannot-bind.cfg")]
    [InlineData("-D -f site.cfg -p nowhere/x.pid")]
    [InlineData("-f too-many.cfg")]
    [InlineData("-c -f site.cfg -de -dp -dS -dG -dR -dr -dV -dD")]
    [InlineData("-f site.cfg -sf abc")]
    public void Both_give_the_same_verdict(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        using ProgramRun theirs = ProgramRun.Finish(ProgramRun.Haproxy, _site.Directory, words);
        using ProgramRun ours = ProgramRun.Finish(ProgramRun.ExchangeLb, _site.Directory, words);

        Assert.Equal(Verdict(theirs), Verdict(ours));
    }

    [HaproxyTheory]
    [InlineData(Signal.SIGTERM, "-f")]
    [InlineData(Signal.SIGINT, "-f")]
    [InlineData(Signal.SIGUSR1, "-f")]
    [InlineData(Signal.SIGTERM, "-q -db -f")]
    public void Both_end_alike_by(Signal signal, string flags)
    {
        int theirs = EndBy(ProgramRun.Haproxy, signal, flags);
        int ours = EndBy(ProgramRun.ExchangeLb, signal, flags);

        Assert.Equal(theirs, ours);
    }

    private int EndBy(string program, Signal signal, string flags)
    {
        using ProgramRun run = ProgramRun.Start(program, _site.Directory, [.. flags.Split(' '), _site.Configuration]);
        _site.WaitServes();
        run.Send(signal);
        return run.WaitExit();
    }

    /// <summary>Exit code, kinds of messages, and the lines of standard output that give a verdict (not those that give a version).</summary>
    private static string Verdict(ProgramRun run) => string.Join('\n',
        [
            $"exit {run.WaitExit()}",
            .. run.Severities,
            .. run.Output.Split('\n').Where(line => line.Contains("onfiguration file", StringComparison.Ordinal) || line.Contains("arnings", StringComparison.Ordinal)),
        ]);
}
