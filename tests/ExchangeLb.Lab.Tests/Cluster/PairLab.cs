using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ExchangeLb.DrillClient.Reporting;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

/// <summary>The lab of vagrant/lab.sh with the program of this build: one pair for all tests of a class.</summary>
/// <param name="lease">null: the default one.</param>
/// <param name="user">Of balancer and guard; null: root.</param>
/// <param name="streams">So many connections of all kinds, whose bytes are checked, in each trial.</param>
/// <param name="ipv6">Client, nodes, servers and the virtual IP have IPv6 addresses only.</param>
public abstract class PairLab(string? lease, string? user = null, bool ipv6 = false, int streams = 0) : IDisposable
{
    private readonly string _prefix = $"elb-p{Environment.ProcessId}-{lease}{user}{(ipv6 ? "v6" : "")}{(streams > 0 ? "s" : "")}-";
    private readonly string _record = Path.GetTempFileName();
    private bool _up;

    /// <summary>Breaks the pair so many times in this way, and gives back what clients saw.</summary>
    internal IReadOnlyList<Trial> Drill(string drill, int trials)
    {
        BringUp();
        File.WriteAllText(_record, "");
        Command.Outcome outcome = Lab("failover", drill, "--trials", $"{trials}", "--record", _record);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors + Log());
        return Trial.ReadAll(_record);
    }

    /// <summary>How a command begins that runs in one of the lab's hosts.</summary>
    internal string[] In(string host) => ["netns", "exec", _prefix + host];

    /// <summary>The end of what the nodes said.</summary>
    internal string Log() => string.Join('\n', new[] { "lb1", "lb2" }.Select(node => Path.Combine(State, node + ".out")).Where(File.Exists).Select(path =>
        $"-- {Path.GetFileName(path)}\n{string.Join('\n', File.ReadLines(path).TakeLast(30))}"));

    public void Dispose()
    {
        Lab("down");
        File.Delete(_record);
        GC.SuppressFinalize(this);
    }

    /// <summary>Where the lab keeps the files of both nodes.</summary>
    internal string State => "/run/exchangelb-lab." + _prefix;

    /// <summary>Not in the constructor: a test that is skipped needs no lab.</summary>
    internal void BringUp()
    {
        if (_up) { return; }
        Command.Outcome up = Lab("up");
        Assert.True(up.ExitCode == 0, up.Output + up.Errors);
        _up = true;
    }

    /// <summary>`vagrant/lab.sh ...`</summary>
    internal Command.Outcome Lab(params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(LabWorld.RepositoryRoot, "vagrant/lab.sh"), arguments);
        start.Environment["LAB_PREFIX"] = _prefix;
        start.Environment["LAB_BALANCER"] = LabWorld.BuiltProgram;
        start.Environment["LAB_CLIENT"] = LabWorld.BuiltDrillClient;
        start.Environment["LAB_DEMONSTRATION"] = "no";
        start.Environment["LAB_PATIENCE"] = "1.6";   // what TCP repeats comes after a second
        if (user is not null) { start.Environment["LAB_USER"] = user; }
        if (ipv6) { start.Environment["LAB_IPV6"] = "yes"; }
        if (streams > 0) { start.Environment["LAB_STREAMS"] = $"{streams}"; }
        if (lease is not null) { start.Environment["LAB_LEASE"] = lease; }
        if (RunningBalancer.DotnetRoot() is { } root) { start.Environment["DOTNET_ROOT"] = root; }
        return Command.Try(start);
    }
}
