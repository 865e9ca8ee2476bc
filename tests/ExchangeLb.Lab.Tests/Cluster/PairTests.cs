using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.DrillClient.Reporting;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

public sealed class SteadyPair() : PairLab(null);

public sealed class StreamingPair() : PairLab(null, streams: 99);

/// <summary>The drills of tests/drills, three times each, judged by what is wrong on a busy build server too. The marks themselves are held by tests/drills.</summary>
public sealed class PairTests(SteadyPair pair) : IClassFixture<SteadyPair>
{
    [LabTheory]
    [InlineData("all")]
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

/// <summary>Those in which something becomes of established connections: all go along with a planned move, quiet ones outlive a crash, none hangs or carries a wrong byte.</summary>
public sealed class StreamingPairTests(StreamingPair pair) : IClassFixture<StreamingPair>
{
    [LabTheory]
    [InlineData("process")]
    [InlineData("node")]
    [InlineData("freeze")]
    [InlineData("twice")]
    [InlineData("pause")]
    [InlineData("switchover")]
    [InlineData("upgrade")]
    public void Connections_survive_a_drill(string drill) => Judging.Survives(pair, drill);

    /// <summary>Once: a node that starts by itself takes some seconds.</summary>
    [LabFact]
    public void Where_no_peer_can_go_on_the_next_process_does() => Judging.Survives(pair, "alone", 1);
}

internal static class Judging
{
    private const int Trials = 3;

    internal static void Survives(PairLab pair, string drill, int count = Trials)
    {
        IReadOnlyList<Trial> trials = pair.Drill(drill, count);

        IReadOnlyList<string> misses = DrillMark.All.Single(mark => mark.Drill == drill && mark.Lease is null).Breaches(trials);

        Assert.True(misses.Count == 0, $"{drill}: {string.Join("; ", misses)}\n{string.Join('\n', trials.Select(trial => $"{trial.Seen.ForPeople()}; {trial.Streams?.ForPeople()}"))}\n{pair.Log()}");
    }
}
