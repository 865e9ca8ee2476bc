using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.DrillClient.Streams;

namespace ExchangeLb.DrillClient.Reporting;

/// <summary>What becomes of established connections in a drill: all go along with a planned move, quiet ones outlive a crash, all others are reset soon after the takeover.</summary>
internal static class StreamMark
{
    private const int StallMs = 300;
    private const int BulkStallMs = 600;
    private const int ResetWithinMs = 2000;

    private static bool IsPlanned(string drill) => drill is "switchover" or "upgrade" or "restart" or "reload";

    /// <summary>Nobody else can have gone on with them.</summary>
    private static bool LosesNone(string drill) => IsPlanned(drill) || drill is "pause";

    /// <summary>Whoever kills the guard, too ("all"), leaves the kernel to say goodbye to the quiet ones.</summary>
    private static bool IsCrash(string drill) => drill is "process" or "alone" or "node" or "freeze" or "twice";

    /// <summary>What is wrong on the busiest machine too. Empty: nothing, or the trials had no connections.</summary>
    internal static IEnumerable<string> Breaches(string drill, IReadOnlyList<Trial> trials)
    {
        StreamFigures[] streams = [.. trials.Select(trial => trial.Streams).OfType<StreamFigures>()];
        if (streams.Sum(seen => seen.Wrong) is var wrong and > 0) { yield return $"{wrong} connections carried wrong bytes"; }
        if (streams.Sum(seen => seen.Hung) is var hung and > 0) { yield return $"{hung} connections hung"; }
        if (LosesNone(drill) && streams.Sum(seen => seen.Opened - seen.Lived) is var lost and > 0) { yield return $"{lost} connections were lost"; }
        if (IsCrash(drill) && streams.Sum(seen => seen.Quiet - seen.QuietLived) is var quiet and > 0) { yield return $"{quiet} quiet connections were lost"; }
    }

    /// <summary>That, and what took longer than it should.</summary>
    internal static IEnumerable<string> Misses(string drill, IReadOnlyList<Trial> trials)
    {
        foreach (string breach in Breaches(drill, trials)) { yield return breach; }
        List<(Trial Trial, StreamFigures Streams)> seen = [.. trials.Where(trial => trial.Streams is not null).Select(trial => (trial, trial.Streams!))];
        if (IsPlanned(drill) && Longest(seen, one => one.Streams.StallMs) is var stall and > StallMs) { yield return $"a connection stood still for {stall} ms"; }
        if (IsPlanned(drill) && Longest(seen, one => one.Streams.BulkStallMs) is var bulk and > BulkStallMs) { yield return $"a download stood still for {bulk} ms"; }
        if (IsPlanned(drill) && Longest(seen, one => one.Streams.SlowStallMs ?? 0) is var slow and > BulkStallMs) { yield return $"a download to a slow reader stood still for {slow} ms"; }
        // After a second crash it is not known of which one the end was.
        if (IsCrash(drill) && drill != "twice" && Longest(seen, one => one.Streams.LastEndMs - (int)one.Trial.Seen.OutageMs) is var late and > ResetWithinMs)
        {
            yield return $"a connection was reset {late} ms after the takeover";
        }
    }

    private static int Longest(List<(Trial Trial, StreamFigures Streams)> seen, Func<(Trial Trial, StreamFigures Streams), int> figure) =>
        seen.Select(figure).DefaultIfEmpty(0).Max();
}
