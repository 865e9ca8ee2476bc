using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.DrillClient.Figures;

/// <summary>One node spoke for the virtual IP, and no other in between.</summary>
/// <param name="Frames">ARP announcements and answers, and all that came from the address.</param>
/// <param name="Announcements">Of these, ARP frames to everybody.</param>
internal sealed record OwnerRun(string Node, long FromUs, long ToUs, int Frames, int Announcements);

/// <summary>Who spoke for the virtual IP, in the order of the frames on the bridge.</summary>
internal sealed record OwnerHistory(IReadOnlyList<OwnerRun> Runs)
{
    /// <summary>A run that is shorter, between two runs of others, is suspicious: with a short lease a node can own an address for so short a time, though.</summary>
    internal const long ShortestTenureUs = 40_000;

    /// <summary>
    /// An owner that has gone is followed after its promise, or after 6 ms of probing at the least; two that answer at the same time mix frame by
    /// frame. So a suspicious run that begins or ends without such a silence is a second owner.
    /// </summary>
    internal const long ShortestSilenceUs = 5_000;

    internal static OwnerHistory None { get; } = new([]);

    internal int Moves => Math.Max(0, Runs.Count - 1);

    /// <summary>Runs that lie between two others, too short to be a tenure and too near to be a succession: each is a moment with two owners.</summary>
    internal IEnumerable<OwnerRun> Interleaved =>
        from at in Enumerable.Range(1, Math.Max(0, Runs.Count - 2))
        let run = Runs[at]
        where run.ToUs - run.FromUs < ShortestTenureUs && (run.FromUs - Runs[at - 1].ToUs < ShortestSilenceUs || Runs[at + 1].FromUs - run.ToUs < ShortestSilenceUs)
        select run;

    /// <summary>The last change of owner after that moment; null: there was none.</summary>
    internal long? LastMoveAfter(long atUs) => Runs.Skip(1).Select(run => (long?)run.FromUs).LastOrDefault(from => from >= atUs);
}

/// <summary>Makes runs of single frames, as they come.</summary>
internal sealed class OwnerRuns
{
    /// <summary>More changes than this are two owners anyway; what comes later only lengthens the last run.</summary>
    private const int Limit = 100_000;

    private readonly List<OwnerRun> _runs = [];

    internal void Add(string node, long atUs, bool announcement)
    {
        int announced = announcement ? 1 : 0;
        if (_runs.Count > 0 && (_runs[^1].Node == node || _runs.Count == Limit))
        {
            OwnerRun run = _runs[^1];
            _runs[^1] = run with { ToUs = atUs, Frames = run.Frames + 1, Announcements = run.Announcements + announced };
        }
        else
        {
            _runs.Add(new OwnerRun(node, atUs, atUs, 1, announced));
        }
    }

    internal OwnerHistory History => new([.. _runs]);
}
