using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>This node's vote on one VIP: whom it has given its word, and how it answers the others' wishes.</summary>
internal sealed class VipVoter(NodeState node, VipState vip)
{
    private Promise _promise = Promise.None;

    /// <summary>When the owner's last renewal was heard; <see cref="Moments.Never"/>: there is none, or it has released.</summary>
    internal TimeSpan OwnerHeardAt { get; private set; } = Moments.Never;

    /// <summary>A starting node has perhaps given its word in an earlier life: until then it grants renewals only, and doesn't acquire.</summary>
    internal TimeSpan QuarantinedUntil { get; private set; }

    /// <summary>Whom a hand-over is for, or was announced to be: others leave the VIP to it until then.</summary>
    internal TimeSpan LeftToTargetUntil { get; private set; } = Moments.Never;

    /// <summary>Until when this node may not acquire.</summary>
    internal TimeSpan BoundUntil => Moments.Later(QuarantinedUntil, _promise.To is null ? Moments.Never : _promise.Until);

    internal void Start(TimeSpan began) => QuarantinedUntil = began + node.Times.Promise;

    internal void Heard(PeerState peer, in OwnershipMessage message, TimeSpan now)
    {
        if (_promise.To == peer.Id && message.Incarnation != _promise.Incarnation && message.Number != OwnershipMessages.All)
        {
            _promise = Promise.None; // A new life says its first word after its kernel has confirmed that nothing is left.
        }
        switch (message.Type)
        {
            case OwnershipMessageType.Renewal:
                Renewal(peer, message, now);
                break;
            case OwnershipMessageType.Request:
                Request(peer, message, now);
                break;
            case OwnershipMessageType.Ask:
                vip.Holder.RenewSoon(now);
                break;
            case OwnershipMessageType.Grant when IsMeant(message):
                if (vip.Tally.Granted(peer.Place, message.SubjectNumber)) { vip.Holder.Granted(now); }
                break;
            case OwnershipMessageType.Refuse when IsMeant(message):
                Refused(peer, now);
                break;
            case OwnershipMessageType.Withdraw:
                Withdrawn(peer, message);
                break;
            case OwnershipMessageType.Released:
                Released(peer, message, now);
                break;
        }
    }

    /// <summary>After a hand-over: this node's word to its target, who need not ask for it.</summary>
    internal void PromiseTo(PeerState target, TimeSpan now) =>
        _promise = new(target.Id, target.Incarnation, now + Moments.Later(GrantTimings.HandOverLimit, node.Times.Promise));

    private bool IsMeant(in OwnershipMessage message) => message.Subject == node.Self.Value && message.SubjectIncarnation == node.Incarnation;

    private void Renewal(PeerState peer, in OwnershipMessage message, TimeSpan now)
    {
        if (vip.Holder.Holds && !vip.Holder.MeetsOwner(peer, now)) { return; }
        if (!vip.Contender.Yield(now)) { return; }
        OwnerHeardAt = now;
        LeftToTargetUntil = Moments.Never;
        vip.OwnerIs(peer.Id, now);
        vip.Holder.NewOwnerSpoke(peer, now);
        Grant(peer, message, now);
    }

    private void Request(PeerState peer, in OwnershipMessage message, TimeSpan now)
    {
        if (vip.Holder.Holds)
        {
            vip.Holder.RenewSoon(now);
        }
        else if (now < QuarantinedUntil || _promise.BindsAgainst(peer.Id, now) || (vip.Contender.IsActive && !vip.Contender.YieldTo(peer, now)))
        {
            vip.Send(OwnershipMessageType.Refuse, now, peer, message.Number);
        }
        else
        {
            Grant(peer, message, now);
        }
    }

    private void Grant(PeerState peer, in OwnershipMessage message, TimeSpan now)
    {
        if (vip.Unconfirmed || _promise.BindsAgainst(peer.Id, now)) { return; }
        // Whoever gives its word to another makes no use of what it was granted before.
        if (_promise.To != peer.Id) { vip.Tally.Void(node.LastNumber); }
        _promise = new(peer.Id, message.Incarnation, now + node.Times.Promise);
        vip.Send(OwnershipMessageType.Grant, now, peer, message.Number);
    }

    private void Refused(PeerState peer, TimeSpan now)
    {
        if (_promise.To == peer.Id && LeftToTargetUntil > now)
        {
            // The target of a hand-over can't take it.
            (_promise, LeftToTargetUntil) = (Promise.None, Moments.Never);
        }
        vip.Contender.Refused(now);
    }

    private void Withdrawn(PeerState peer, in OwnershipMessage message)
    {
        if (_promise.To == peer.Id && _promise.Incarnation == message.Incarnation) { _promise = Promise.None; }
    }

    private void Released(PeerState peer, in OwnershipMessage message, TimeSpan now)
    {
        bool former = peer.IsFormer(message.Incarnation);
        if (_promise.To == peer.Id && (!former || _promise.Incarnation == message.Incarnation)) { _promise = Promise.None; }
        if (former) { return; }
        vip.PeerAt(peer.Place).ReleasedAt = now;
        if (vip.Holder.Holds)
        {
            vip.Holder.AnnounceAgain(now);
            return;
        }
        bool wasOwner = vip.Owner == peer.Id;
        if (wasOwner) { vip.OwnerIs(null, now); }
        OwnerHeardAt = Moments.Never;
        if (IsMeant(message))
        {
            vip.Tally.Granted(peer.Place, message.SubjectNumber);
            vip.Contender.TakeOver(peer, message.Number, now);
        }
        else if (message.Subject != 0)
        {
            LeftToTargetUntil = now + GrantTimings.HandOverLimit;
        }
        else if (wasOwner && vip.IsPresent)
        {
            node.Observer.Contending(vip.Index); // its guard says so, most often: the sooner that is known the better
        }
    }

    /// <summary>The old owner of a hand-over leaves the VIP to its target, too.</summary>
    internal void LeaveToTarget(TimeSpan now) => LeftToTargetUntil = now + GrantTimings.HandOverLimit;
}
