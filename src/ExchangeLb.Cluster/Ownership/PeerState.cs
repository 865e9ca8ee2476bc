using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// Another node, as this one has heard of it, and which of its lives speaks. A later life has a higher incarnation, unless its clock was set back and
/// its state folder lost: such a one is believed after the node had gone from the view. An engine hands over nothing of a life that was dropped from the
/// view after that, so what comes next is of a new one; lives that were replaced are remembered, for a guard may speak of one later. The lease thread's.
/// </summary>
/// <param name="place">In the model.</param>
internal sealed class PeerState(NodeId id, int place)
{
    /// <summary>Lives that were replaced and are remembered by name; what is lower than the present one is taken for one of them anyway.</summary>
    private const int FormerMax = 8;

    private readonly Queue<ulong> _former = new(FormerMax);
    private ulong _number;
    private ulong _endedIncarnation;
    private bool _wasAbsent = true;

    internal NodeId Id => id;
    internal int Place { get; set; } = place;
    internal bool InView { get; private set; }

    /// <summary>When it came into view.</summary>
    internal TimeSpan JoinedAt { get; private set; } = Moments.Never;

    /// <summary>When it spoke last, or came into view.</summary>
    internal TimeSpan HeardAt { get; private set; } = Moments.Never;
    internal TimeSpan SpokeAt { get; private set; } = Moments.Never;

    /// <summary>When its kernel last answered for its own address.</summary>
    internal TimeSpan KernelAnsweredAt { get; set; } = Moments.Never;
    internal ulong Incarnation { get; private set; }
    internal ulong Number => _number;

    internal void Seen(bool inView, TimeSpan now)
    {
        if (inView && !InView) { HeardAt = JoinedAt = now; }
        _wasAbsent |= !inView;
        InView = inView;
    }

    /// <summary>False: of an earlier life, of one that has ended, or heard before.</summary>
    internal bool Accept(in OwnershipMessage message, TimeSpan now)
    {
        if (message.Number == OwnershipMessages.All)
        {
            if (!IsFormer(message.Incarnation)) { _endedIncarnation = message.Incarnation; }
            return true;
        }
        bool another = message.Incarnation != Incarnation;
        if (message.Incarnation == _endedIncarnation
            || _former.Contains(message.Incarnation)
            || (message.Incarnation < Incarnation && !_wasAbsent)
            || (!another && message.Number <= _number))
        {
            return false;
        }
        if (another) { Replace(message.Incarnation); }
        _number = message.Number;
        _wasAbsent = false;
        HeardAt = SpokeAt = now;
        return true;
    }

    /// <summary>Of a life before the one that speaks.</summary>
    internal bool IsFormer(ulong incarnation) => incarnation < Incarnation || _former.Contains(incarnation);

    private void Replace(ulong incarnation)
    {
        if (_former.Count == FormerMax) { _former.Dequeue(); }
        _former.Enqueue(Incarnation);
        Incarnation = incarnation;
    }
}
