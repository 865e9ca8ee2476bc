using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// A hand-over under way: first the young connections come to their end, or established sessions move to the target; then the VIP is released, then
/// the target has it or not.
/// </summary>
/// <param name="move">Names it: never used twice.</param>
/// <param name="ordered">By somebody who wants to know when it can't be done as it should.</param>
/// <param name="urgent">Clients don't reach this node: each moment is theirs.</param>
/// <param name="held">New connections are held back.</param>
internal sealed class HandOver(ulong move, PeerState target, string reason, bool ordered, bool urgent, bool held, TimeSpan began)
{
    private bool _moving;
    private bool _drained = !held;
    private bool _frozen;
    private bool _isTorn;
    private TimeSpan _freezeAgain;

    /// <summary>When new connections were, or are to be, held back at the latest: before, what is told of sessions costs nobody anything.</summary>
    private TimeSpan _heldAt = began + (urgent ? GrantTimings.UrgentTellLimit : GrantTimings.TellLimit);

    internal ulong Move => move;
    internal PeerState Target => target;
    internal string Reason => reason;
    internal bool IsOrdered => ordered;

    /// <summary>It waits for nothing but sessions on their way.</summary>
    internal bool IsUrgentMove => urgent && _moving;

    /// <summary>At the latest.</summary>
    internal TimeSpan ReleaseAt =>
        _moving ? _heldAt + GrantTimings.MoveLimit
        : _drained || _frozen ? Moments.Never
        : began + GrantTimings.Hold;

    /// <summary>Nothing passes, or did until the freeze was torn.</summary>
    internal bool IsFrozen => _frozen;

    /// <summary>When the freeze is to be renewed; null: nothing is frozen.</summary>
    internal TimeSpan? FreezeAgain => _frozen ? _freezeAgain : null;

    internal void Moves() => _moving = true;

    internal void Held(TimeSpan now) => _heldAt = Moments.Earlier(_heldAt, now);

    /// <summary>New connections may not have been held before: orders can come in another order.</summary>
    internal void Frozen(TimeSpan now)
    {
        Held(now);
        (_frozen, _freezeAgain) = (true, now + (GrantTimings.Freeze / 4));
    }

    /// <summary>Packets passed, or may have: what was described of sessions is true no more. It is not renewed.</summary>
    internal void Torn() => (_isTorn, _freezeAgain) = (true, TimeSpan.MaxValue);

    /// <summary>Frozen, and without a gap as far as is known here; the kernel has the last word.</summary>
    internal bool IsWhole => _frozen && !_isTorn;

    internal void Drained() => _drained = true;

    /// <summary>It goes on without them.</summary>
    internal void NotMoved() => _moving = false;
}
