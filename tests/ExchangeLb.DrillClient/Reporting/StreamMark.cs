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

    /// <summary>Empty: all as it should be, or the trials had none.</summary>
    internal static IEnumerable<string> Misses(string drill, IReadOnlyList<Trial> trials)
    {
        List<(Trial Trial, StreamFigures Streams)> seen = [.. trials.Where(trial => trial.Streams is not null).Select(trial => (trial, trial.Streams!))];
        if (seen.Sum(one => one.Streams.Wrong) is var wrong and > 0) { yield return $"{wrong} connections carried wrong bytes"; }
        if (seen.Sum(one => one.Streams.Hung) is var hung and > 0) { yield return $"{hung} connections hung"; }
        switch (drill)
        {
            case "switchover" or "upgrade" or "restart" or "reload":
                if (seen.Sum(one => one.Streams.Opened - one.Streams.Lived) is var lost and > 0) { yield return $"{lost} connections were lost"; }
                if (seen.Select(one => one.Streams.StallMs).DefaultIfEmpty(0).Max() is var stall and > StallMs) { yield return $"a connection stood still for {stall} ms"; }
                if (seen.Select(one => one.Streams.BulkStallMs).DefaultIfEmpty(0).Max() is var bulk and > BulkStallMs) { yield return $"a download stood still for {bulk} ms"; }
                break;
            case "process" or "node" or "freeze" or "twice":
                if (seen.Sum(one => one.Streams.Quiet - one.Streams.QuietLived) is var quiet and > 0) { yield return $"{quiet} quiet connections were lost"; }
                if (drill != "twice" && seen.Select(one => one.Streams.LastEndMs - (int)one.Trial.Seen.OutageMs).DefaultIfEmpty(0).Max() is var late and > ResetWithinMs)
                {
                    yield return $"a connection was reset {late} ms after the takeover";
                }
                break;
        }
    }
}
