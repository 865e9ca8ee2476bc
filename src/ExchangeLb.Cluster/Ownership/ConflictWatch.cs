using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// Another host that uses the VIP while this node owns it (RFC 5227, 2.4). A node of higher priority gets it when it has shown itself three
/// times over 120 ms: a contender's claim also answers probes, but is dropped within 20 ms.
/// </summary>
internal sealed class ConflictWatch
{
    private const int Enough = 3;
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportGap = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefendGap = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(2);

    private NodeId _absent;
    private TimeSpan _absentSince;
    private TimeSpan _absentAt = Moments.Never;
    private NodeId _suspect;
    private int _shown;
    private TimeSpan _shownAt = Moments.Never;
    private TimeSpan _reportedAt = Moments.Never;
    private TimeSpan _defendedAt = Moments.Never;

    internal long Total { get; private set; }

    /// <summary>Another look is due then; <see cref="TimeSpan.MaxValue"/>: nobody is suspected.</summary>
    internal TimeSpan Due(TimeSpan now) => _shown > 0 && now - _shownAt < Memory ? _shownAt + Apart : TimeSpan.MaxValue;

    /// <summary>True: it is an owner beyond doubt.</summary>
    internal bool Shown(NodeId node, TimeSpan now)
    {
        if (node != _suspect || now - _shownAt > Memory) { (_suspect, _shown, _shownAt) = (node, 0, Moments.Never); }
        if (now - _shownAt < Apart) { return false; }
        _shownAt = now;
        return ++_shown >= Enough;
    }

    /// <summary>
    /// A node that is not in view answers. True: for so long already that it is no owner who hears this one, of whom one would have yielded.
    /// </summary>
    internal bool Lasts(NodeId node, TimeSpan now)
    {
        if (node != _absent || now - _absentAt > Memory) { (_absent, _absentSince) = (node, now); }
        _absentAt = now;
        return IsLasting(node, now);
    }

    internal bool IsLasting(NodeId node, TimeSpan now) => node == _absent && now - _absentAt <= Memory && now - _absentSince >= Lasting;

    internal void Forget() => (_shown, _shownAt) = (0, Moments.Never);

    /// <summary>True: it is time to announce against it.</summary>
    internal bool Defend(TimeSpan now)
    {
        if (now - _defendedAt < DefendGap) { return false; }
        _defendedAt = now;
        Total++;
        return true;
    }

    /// <summary>True: it is time to tell people of a foreign host.</summary>
    internal bool Report(TimeSpan now)
    {
        if (now - _reportedAt < ReportGap) { return false; }
        _reportedAt = now;
        return true;
    }
}
