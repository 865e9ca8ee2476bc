using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>When one of two nodes may go on as owner without the other's grants. What protects the VIP then is its kernel, which answers probes.</summary>
internal static class SoloRule
{
    /// <param name="aloneUnanswered">The owner acquired without an answer and has not heard the peer since.</param>
    internal static bool Applies(NodeState node, bool aloneUnanswered, TimeSpan now)
    {
        if (node.OnlyPeer is not { } peer) { return false; }
        if (node.Quorate && (!peer.InView || aloneUnanswered)) { return true; }
        // Also while there is no verdict, as when this node's own engine is being restarted: a peer that this node reaches will find its lease.
        return node.View is { Quorum: not QuorumVerdict.Inquorate }
            && now - node.SilentSince(peer) >= node.Times.SoloSilence
            && node.KernelAnswers(peer, now);
    }

    /// <summary>When the one of two that was not answered may acquire: after a full promise of silence, in which it asked.</summary>
    /// <param name="releasedAt">When the peer's kernel was last said to hold nothing; it has not spoken since.</param>
    /// <returns><see cref="TimeSpan.MaxValue"/>: not by silence.</returns>
    internal static TimeSpan UnansweredFrom(NodeState node, TimeSpan releasedAt, TimeSpan now)
    {
        if (node.OnlyPeer is not { } peer || !node.Quorate) { return TimeSpan.MaxValue; }
        if (releasedAt >= peer.SpokeAt && releasedAt > node.AttentiveSince)
        {
            return peer.InView ? releasedAt + GrantTimings.AnswerAfterRelease : releasedAt;
        }
        bool waitForView = peer.InView && !node.Times.Cluster.Fast && !node.KernelAnswers(peer, now);
        return node.SilentSince(peer) + node.Times.Promise + (waitForView ? node.Times.Cluster.Detection : TimeSpan.Zero);
    }
}
