using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.DrillClient.Reporting;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

public sealed class SteadyPair() : PairLab(null);

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
    public void A_drill_is_survived(string drill) => Judging.Survives(pair, drill);
}

internal static class Judging
{
    private const int Trials = 3;

    internal static void Survives(PairLab pair, string drill, int count = Trials)
    {
        IReadOnlyList<Trial> trials = pair.Drill(drill, count);

        IReadOnlyList<string> misses = DrillMark.All.Single(mark => mark.Drill == drill && mark.Lease is null).Breaches(trials);

        Assert.True(misses.Count == 0, $"{drill}: {string.Join("; ", misses)}\n{string.Join('\n', trials.Select(trial => trial.Seen.ForPeople()))}\n{pair.Log()}");
    }
}
