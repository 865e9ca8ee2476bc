using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ExchangeLb.DrillClient.Figures;

/// <summary>What became of the connections that live long.</summary>
internal sealed record LongLivedFigures(int Chatting, int ChattingBroken, int Quiet, int QuietBroken);

/// <summary>What was seen from one mark to the next one, or to the end.</summary>
/// <param name="AtMs">Since the client began.</param>
/// <param name="OutageMs">Longest time without service in this part.</param>
/// <param name="SettledMs">From the mark to the last change of owner in this part; null: there was none.</param>
/// <param name="Interleaved">Moments with two owners in this part.</param>
/// <param name="Announcements">ARP announcements in this part.</param>
/// <param name="WaitedMs">What waits for a processor may have added to its outage.</param>
internal sealed record MarkFigures(string Name, double AtMs, double OutageMs, double? SettledMs, int Interleaved, int Announcements, double WaitedMs = 0);

/// <summary>One trial, as a client and the wire saw it. Milliseconds.</summary>
internal sealed record DrillReport
{
    public int Attempts { get; init; }
    public int Failed { get; init; }
    public IReadOnlyDictionary<string, int> Failures { get; init; } = new Dictionary<string, int>();
    public double OutageMs { get; init; }

    /// <summary>What waits for a processor, on a busy machine, may have added to the outage.</summary>
    public double WaitedMs { get; init; }

    /// <summary>Where the outage began, from the first mark on; null without a mark.</summary>
    public double? OutageFromMs { get; init; }

    /// <summary>From the start to the established TCP connection, of those that got one.</summary>
    public double WorstConnectMs { get; init; }
    public double WorstHandshakeMs { get; init; }

    /// <summary>Source addresses that were used, and those of them that more than one server answered.</summary>
    public int Sources { get; init; }
    public int Unstuck { get; init; }
    public LongLivedFigures LongLived { get; init; } = new(0, 0, 0, 0);
    public IReadOnlyList<string> Owners { get; init; } = [];
    public int Moves { get; init; }
    public int Interleaved { get; init; }
    public IReadOnlyList<MarkFigures> Marks { get; init; } = [];

    internal static DrillReport Of(IReadOnlyList<Probe> probes, IReadOnlyList<Mark> marks, LongLivedFigures longLived, OwnerHistory history, TimeSpan interval,
        IReadOnlyList<ProcessorWait>? processorWaits = null)
    {
        IReadOnlyList<ProcessorWait> waits = processorWaits ?? [];
        // What was warm before the first connection was served is of no interest, and the last start has no successor.
        List<long> served = [.. probes.Where(probe => probe.Served).Select(probe => probe.HandshakenUs)];
        long first = served.Count == 0 ? 0 : served.Min();
        long last = Math.Max(served.Count == 0 ? 0 : served.Max(), probes.Count == 0 ? 0 : probes.Max(probe => probe.StartUs) - (long)interval.TotalMicroseconds);
        Outage outage = Outage.Longest(probes, first, last);
        return new DrillReport
        {
            Attempts = probes.Count,
            Failed = probes.Count(probe => !probe.Served),
            Failures = probes.Where(probe => !probe.Served).GroupBy(probe => probe.Result.ToString()).ToDictionary(group => group.Key, group => group.Count()),
            OutageMs = Milliseconds(outage.LengthUs),
            WaitedMs = Milliseconds(ProcessorWait.Within(waits, outage.FromUs, outage.ToUs)),
            OutageFromMs = marks.Count == 0 ? null : Milliseconds(outage.FromUs - marks[0].AtUs),
            WorstConnectMs = Worst(probes.Where(probe => probe.ConnectedUs > 0).Select(probe => probe.ConnectedUs - probe.StartUs)),
            WorstHandshakeMs = Worst(probes.Where(probe => probe.HandshakenUs > 0).Select(probe => probe.HandshakenUs - probe.StartUs)),
            Sources = probes.Select(probe => probe.Source).Distinct().Count(),
            Unstuck = probes.Where(probe => probe.Served).GroupBy(probe => probe.Source).Count(group => group.Select(probe => probe.Server).Distinct().Count() > 1),
            LongLived = longLived,
            Owners = [.. history.Runs.Take(20).Select(Describe)],
            Moves = history.Moves,
            Interleaved = history.Interleaved.Count(),
            Marks = [.. marks.Select((mark, index) => Part(mark, index + 1 < marks.Count ? marks[index + 1].AtUs : last, probes, history, waits))],
        };
    }

    internal string ForPeople()
    {
        string failures = Failed == 0 ? "" : $" ({string.Join(", ", Failures.Select(pair => $"{pair.Value} {pair.Key}"))})";
        string owners = Owners.Count == 0 ? "" : $"; owners {string.Join(" -> ", Owners.Select(owner => owner.Split(' ')[0]).Take(6))}{(Interleaved > 0 ? $", two at once {Interleaved} times" : "")}";
        return string.Create(CultureInfo.InvariantCulture, $"outage {OutageMs:F0} ms{(WaitedMs >= 10 ? $" (waits for a processor in it: {WaitedMs:F0} ms)" : "")}; {Failed} of {Attempts} connections failed{failures}; worst connect {WorstConnectMs:F0} ms; "
            + $"{Sources - Unstuck} of {Sources} clients kept their server; established: {LongLived.ChattingBroken} of {LongLived.Chatting} talking and {LongLived.QuietBroken} of {LongLived.Quiet} quiet ones broke{owners}");
    }

    private static MarkFigures Part(Mark mark, long toUs, IReadOnlyList<Probe> probes, OwnerHistory history, IReadOnlyList<ProcessorWait> waits)
    {
        Outage outage = Outage.Longest(probes, mark.AtUs, toUs);
        List<OwnerRun> runs = [.. history.Runs.Where(run => run.ToUs >= mark.AtUs && run.FromUs <= toUs)];
        long? settled = new OwnerHistory([.. history.Runs.Where(run => run.FromUs <= toUs)]).LastMoveAfter(mark.AtUs);
        return new MarkFigures(
            mark.Name,
            Milliseconds(mark.AtUs),
            Milliseconds(outage.LengthUs),
            settled is { } at ? Milliseconds(at - mark.AtUs) : null,
            history.Interleaved.Count(run => run.FromUs >= mark.AtUs && run.FromUs <= toUs),
            runs.Sum(run => run.Announcements),
            Milliseconds(ProcessorWait.Within(waits, outage.FromUs, outage.ToUs)));
    }

    private static string Describe(OwnerRun run) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.Node} {Milliseconds(run.FromUs):F1}..{Milliseconds(run.ToUs):F1} ms, {run.Frames} frames, {run.Announcements} announcements");

    private static double Worst(IEnumerable<long> microseconds) => Milliseconds(microseconds.DefaultIfEmpty(0).Max());

    private static double Milliseconds(long microseconds) => Math.Round(microseconds / 1000.0, 1);
}
