using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// A hand-over under way: first the young connections come to their end, or established sessions move to the target; then the VIP is released, then
/// the target has it or not.
/// </summary>
/// <param name="ordered">By somebody who wants to know when it can't be done as it should.</param>
/// <param name="held">New connections are held back.</param>
internal sealed class HandOver(PeerState target, string reason, bool ordered, bool held, TimeSpan began)
{
    private bool _moving;
    private bool _drained = !held;
    private bool _frozen;
    private TimeSpan _freezeAgain;

    internal PeerState Target => target;
    internal string Reason => reason;
    internal bool IsOrdered => ordered;

    /// <summary>At the latest.</summary>
    internal TimeSpan ReleaseAt =>
        _moving ? began + GrantTimings.MoveLimit
        : _drained || _frozen ? Moments.Never
        : began + GrantTimings.Hold;

    /// <summary>When the freeze is to be renewed; null: nothing is frozen.</summary>
    internal TimeSpan? FreezeAgain => _frozen ? _freezeAgain : null;

    internal void Moves() => _moving = true;

    internal void Frozen(TimeSpan now) => (_frozen, _freezeAgain) = (true, now + (GrantTimings.Freeze / 4));

    internal void Drained() => _drained = true;

    /// <summary>All sessions are at the target: nothing is left to wait for.</summary>
    internal void Moved() => (_moving, _drained, HasMoved) = (false, true, true);

    /// <summary>They run there once the target says so.</summary>
    internal bool HasMoved { get; private set; }

    /// <summary>It goes on without them.</summary>
    internal void NotMoved() => _moving = false;
}
