using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>Another node, as this one has heard of it. The lease thread's.</summary>
/// <param name="place">In the model.</param>
internal sealed class PeerState(NodeId id, int place)
{
    private ulong _number;
    private ulong _endedIncarnation;

    internal NodeId Id => id;
    internal int Place { get; set; } = place;
    internal bool InView { get; private set; }

    /// <summary>When it spoke last, or came into view.</summary>
    internal TimeSpan HeardAt { get; private set; } = Moments.Never;
    internal TimeSpan SpokeAt { get; private set; } = Moments.Never;

    /// <summary>When its kernel last answered for its own address.</summary>
    internal TimeSpan KernelAnsweredAt { get; set; } = Moments.Never;
    internal ulong Incarnation { get; private set; }
    internal ulong Number => _number;

    internal void Seen(bool inView, TimeSpan now)
    {
        if (inView && !InView) { HeardAt = now; }
        InView = inView;
    }

    /// <summary>False: of an earlier life, of one that has ended, or heard before.</summary>
    internal bool Accept(in OwnershipMessage message, TimeSpan now)
    {
        if (message.Number == OwnershipMessages.All)
        {
            _endedIncarnation = Math.Max(_endedIncarnation, message.Incarnation);
            return true;
        }
        if (message.Incarnation < Incarnation
            || message.Incarnation <= _endedIncarnation
            || (message.Incarnation == Incarnation && message.Number <= _number))
        {
            return false;
        }
        Incarnation = message.Incarnation;
        _number = message.Number;
        HeardAt = SpokeAt = now;
        return true;
    }
}
