using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.DrillClient.Reporting;

/// <summary>What a drill must reach, and how it is told from the trials.</summary>
/// <param name="Drill">As the lab's `failover` calls it.</param>
/// <param name="Lease">null: the default one.</param>
/// <param name="Text">The mark, for people.</param>
/// <param name="Misses">What was not reached by these trials; empty: all was.</param>
/// <param name="ClearlyDarkMs">An outage that is longer, without what waits for a processor have added, is a failure on any machine, however busy it is.</param>
internal sealed record DrillMark(string Drill, string? Lease, string Text, Func<IReadOnlyList<Trial>, IEnumerable<string>> Misses, double ClearlyDarkMs)
{
    /// <summary>Of a drill that nobody should notice: what the probe itself shows on a busy machine without any fault is up to 60 ms.</summary>
    private const double Unnoticed = 100;

    private const double WithinASecond = 1000;

    private const double BackWithin = 4000;

    private const double BackAfterPause = 3000;

    internal static IReadOnlyList<DrillMark> All { get; } =
    [
        new("process", null, "80 / 200 ms", Dark(80, 200), 1000),
        new("alone", null, "back within 4 s, unmoved", Back, 8000),
        new("pause", null, "back within 3 s, unmoved", Unmoved, 6000),
        new("all", null, "480 / 700 ms", Dark(480, 700), 1500),
        new("node", null, "480 / 700 ms", Dark(480, 700), 1500),
        new("all", "60ms", "90 / 150 ms", Dark(90, 150), 1500),
        new("node", "60ms", "90 / 150 ms", Dark(90, 150), 1500),
        new("freeze", null, "700 / 1200 ms, silent on waking", Dark(700, 1200), 2400),
        new("switchover", null, "none failed, connect < 100 ms", Smooth, 1000),
        new("peer", null, "unnoticed", Unseen, 500),
        new("restart", null, "unnoticed", Unseen, 500),
        new("cluster-link", null, "unnoticed", Unseen, 500),
        new("corosync", null, "unnoticed", Unseen, 500),
        new("link", null, "moves within 1 s", Parts("fault", "healed"), 2000),
        new("carrier", null, "moves within 1 s", Parts("fault", "healed"), 2000),
        new("partition", null, "one owner within 1 s of healing, announced", Healed, 2000),
        new("reload", null, "no move, none broken", Unseen, 500),
        new("twice", null, "both takeovers within 700 ms", Parts("fault", "again"), 2000),
        new("upgrade", null, "none failed, connect < 100 ms", Smooth, 1000),
    ];

    /// <summary>What holds in every drill, and then this one's own mark.</summary>
    internal IReadOnlyList<string> Judge(IReadOnlyList<Trial> trials) =>
        [.. trials.Count == 0 ? ["no trial"] : Always(trials).Concat(Misses(trials)).Concat(StreamMark.Misses(Drill, trials))];

    /// <summary>Only what is wrong on the busiest machine too: two owners, lost stickiness, connections lost that should live, a service that does not come back.</summary>
    internal IReadOnlyList<string> Breaches(IReadOnlyList<Trial> trials) =>
        [.. trials.Count == 0 ? ["no trial"] : Always(trials)
            .Concat(new[] { Above("worst, without waits for a processor,", trials.Max(trial => OutageMs(trial) - WaitedMs(trial)), ClearlyDarkMs) }.OfType<string>())
            .Concat(StreamMark.Breaches(Drill, trials))];

    /// <summary>The figure that is compared with the mark: of a cut, that after the cut; of a partition, that after the heal.</summary>
    internal static double OutageMs(Trial trial) => trial.Drill switch
    {
        "link" or "carrier" => trial.Part("fault")?.OutageMs ?? trial.Seen.OutageMs,
        "partition" => trial.Part("healed")?.OutageMs ?? trial.Seen.OutageMs,
        _ => trial.Seen.OutageMs,
    };

    private static double WaitedMs(Trial trial) => trial.Drill switch
    {
        "link" or "carrier" => trial.Part("fault")?.WaitedMs ?? trial.Seen.WaitedMs,
        "partition" => trial.Part("healed")?.WaitedMs ?? trial.Seen.WaitedMs,
        _ => trial.Seen.WaitedMs,
    };

    private static IEnumerable<string> Always(IReadOnlyList<Trial> trials)
    {
        int two = trials.Count(trial => trial.TwoOwners > 0);
        if (two > 0) { yield return $"two owners at once in {two} of {trials.Count} trials"; }
        // In "alone" the table dies with the only node that had it.
        int unstuck = trials.Count(trial => trial.Drill != "alone" && trial.Seen.Unstuck > 0);
        if (unstuck > 0) { yield return $"stickiness lost in {unstuck} of {trials.Count} trials"; }
    }

    private static Func<IReadOnlyList<Trial>, IEnumerable<string>> Dark(double median, double worst) => trials =>
    {
        double[] outages = [.. trials.Select(OutageMs).Order()];
        int moves = trials.Max(trial => trial.Seen.Moves);
        return new[]
        {
            Above("median", Statistics.Median(outages), median),
            Above("worst", outages[^1], worst),
            moves > 1 ? $"the address moved {moves} times in one trial" : null,
        }.OfType<string>();
    };

    private static IEnumerable<string> Smooth(IReadOnlyList<Trial> trials) => new[]
    {
        Any("a connection failed", trials, trial => trial.Seen.Failed > 0),
        Above("worst connect", trials.Max(trial => trial.Seen.WorstConnectMs), 100),
        Any("the address did not move", trials, trial => trial.Seen.Moves == 0),
    }.OfType<string>();

    private static IEnumerable<string> Unseen(IReadOnlyList<Trial> trials) => new[]
    {
        Any("a connection failed", trials, trial => trial.Seen.Failed > 0),
        Any("an established connection broke", trials, trial => trial.Broken > 0),
        Any("the address moved", trials, trial => trial.Seen.Moves > 0),
        Above("worst", trials.Max(OutageMs), Unnoticed),
    }.OfType<string>();

    private static Func<IReadOnlyList<Trial>, IEnumerable<string>> Parts(params string[] marks) => trials =>
        marks.Select(mark => Above($"worst, {mark}", trials.Max(trial => trial.Part(mark)?.OutageMs ?? double.MaxValue), WithinASecond)).OfType<string>();

    /// <summary>The next process of the same host: its start, and the two seconds in which a lone node waits for others.</summary>
    private static IEnumerable<string> Back(IReadOnlyList<Trial> trials) => new[]
    {
        Above("worst", trials.Max(OutageMs), BackWithin),
        Any("the address moved", trials, trial => trial.Seen.Moves > 0),
    }.OfType<string>();

    /// <summary>The pause, the lone node's way back to the address, and what a client's TCP waits before it asks again.</summary>
    private static IEnumerable<string> Unmoved(IReadOnlyList<Trial> trials) => new[]
    {
        Above("worst", trials.Max(OutageMs), BackAfterPause),
        Any("the address moved", trials, trial => trial.Seen.Moves > 0),
        Any("an established connection broke", trials, trial => trial.Broken > 0),
    }.OfType<string>();

    private static IEnumerable<string> Healed(IReadOnlyList<Trial> trials) => new[]
    {
        Above("worst, healed", trials.Max(trial => trial.Part("healed")?.OutageMs ?? double.MaxValue), WithinASecond),
        Above("one owner again", trials.Max(trial => trial.Part("healed")?.SettledMs ?? 0), WithinASecond),
        Any("not announced again", trials, trial => trial.Part("healed") is not { Announcements: > 0 }),
    }.OfType<string>();

    private static string? Above(string what, double value, double bound) => value > bound ? FormattableString.Invariant($"{what} {value:F0} ms") : null;

    private static string? Any(string what, IReadOnlyList<Trial> trials, Func<Trial, bool> holds) =>
        trials.Count(holds) is var count and > 0 ? $"{what} in {count} of {trials.Count} trials" : null;
}
