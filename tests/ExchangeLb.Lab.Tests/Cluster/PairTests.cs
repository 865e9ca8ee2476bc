using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.DrillClient.Reporting;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

public sealed class SteadyPair() : PairLab(null);

public sealed class FastPair() : PairLab("60ms");

/// <summary>The drills of tests/drills, three times each, judged by what is wrong on a busy build server too. The marks themselves are held by tests/drills.</summary>
public sealed class PairTests(SteadyPair pair) : IClassFixture<SteadyPair>
{
    [LabTheory]
    [InlineData("process")]
    [InlineData("all")]
    [InlineData("node")]
    [InlineData("freeze")]
    [InlineData("switchover")]
    [InlineData("peer")]
    [InlineData("restart")]
    [InlineData("cluster-link")]
    [InlineData("corosync")]
    [InlineData("link")]
    [InlineData("carrier")]
    [InlineData("partition")]
    [InlineData("reload")]
    public void A_drill_is_survived(string drill) => Judging.Survives(pair, drill, null);
}

/// <summary>Those whose time depends on the lease.</summary>
public sealed class FastPairTests(FastPair pair) : IClassFixture<FastPair>
{
    [LabTheory]
    [InlineData("all")]
    [InlineData("node")]
    public void A_drill_is_survived(string drill) => Judging.Survives(pair, drill, "60ms");
}

internal static class Judging
{
    private const int Trials = 3;

    internal static void Survives(PairLab pair, string drill, string? lease)
    {
        IReadOnlyList<Trial> trials = pair.Drill(drill, Trials);

        IReadOnlyList<string> misses = DrillMark.All.Single(mark => mark.Drill == drill && mark.Lease == lease).Breaches(trials);

        Assert.True(misses.Count == 0, $"{drill}: {string.Join("; ", misses)}\n{string.Join('\n', trials.Select(trial => trial.Seen.ForPeople()))}\n{pair.Log()}");
    }
}
