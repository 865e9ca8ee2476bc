using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>Whether the owner should give the VIP to another node: only one that has been better for a while without a break.</summary>
internal sealed class MoveWish
{
    private NodeId? _target;
    private bool _byPreference;
    private TimeSpan _since;

    /// <param name="preemptDelay">For one that is only of higher priority; null: it never gets it.</param>
    /// <returns>Who shall have it now, and when to look again.</returns>
    internal (NodeId? Target, TimeSpan Due) Observe((NodeId Node, bool ByPreference)? chosen, NodeId self, TimeSpan? preemptDelay, TimeSpan now)
    {
        if (chosen is not { } choice || choice.Node == self)
        {
            _target = null;
            return (null, TimeSpan.MaxValue);
        }
        if (choice.Node != _target || choice.ByPreference != _byPreference) { (_target, _byPreference, _since) = (choice.Node, choice.ByPreference, now); }
        TimeSpan wait = _byPreference ? Moments.Later(preemptDelay ?? TimeSpan.Zero, GrantTimings.Damping) : GrantTimings.Damping;
        return now < _since + wait ? (null, _since + wait) : (_target, TimeSpan.MaxValue);
    }
}
