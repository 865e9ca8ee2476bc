using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// This node's way to a VIP that nobody holds:
/// 1. it asks while the owner is silent;
/// 2. once its own word binds it no more it requests grants (better nodes first: each delays it); one of two asks the wire a little earlier, so that it
///    may arm as soon as its word ends: the lease for which it was given has ended by then;
/// 3. granted by a majority, or with two nodes unanswered for long enough, it looks: after an attempt that a peer's kernel answered it probes once
///    without a claim, since a claim that is shown again and again is taken for a second owner;
/// 4. it sets a claim, which answers probes;
/// 5. it probes three times, and waits for answers;
/// 6. unanswered, it arms: claim becomes lease in one transaction.
/// An answer, a renewal, or the request of a better node ends it: the claim is deleted before anything is said.
/// </summary>
internal sealed class VipContender(NodeState node, VipState vip)
{
    private Step _step;
    private TimeSpan _notBefore = Moments.Never;
    private TimeSpan? _freeSince;
    private TimeSpan _nextAsk = Moments.Never;
    private int _probes;
    private TimeSpan _nextProbe;
    private TimeSpan _claimEnd;
    private bool _allHeard;
    private bool _wasAnswered;
    private TimeSpan _lookedUntil;

    private enum Step
    {
        Idle,
        Requesting,
        Looking,
        Probing,
    }

    internal bool IsActive => _step != Step.Idle;

    /// <summary>True: nothing of an own attempt is left, in this node or in its kernel.</summary>
    internal bool Yield(TimeSpan now)
    {
        if (IsActive) { Abort(now, TimeSpan.Zero); }
        return !vip.Unconfirmed;
    }

    /// <summary>To a better contender only.</summary>
    internal bool YieldTo(PeerState peer, TimeSpan now) => VipElection.Compare(vip.CandidateOf(peer), vip.Self) < 0 && Yield(now);

    internal void Refused(TimeSpan now)
    {
        if (_step is Step.Requesting or Step.Looking && Granted is null) { Abort(now, Pause()); }
    }

    internal void ProbeAnswered(NodeId? by, TimeSpan now)
    {
        if (_step is not (Step.Looking or Step.Probing)) { return; }
        _wasAnswered = true;
        Abort(now, by is null ? TimeSpan.FromSeconds(1) : Pause());
    }

    /// <summary>
    /// The old owner has released the VIP for this node: its word not to acquire is this node's grant, its kernel is empty, and no third node
    /// can have a majority. So nothing is left to probe for.
    /// </summary>
    internal void TakeOver(PeerState from, ulong number, TimeSpan now)
    {
        if (!vip.CanServe || vip.Leaving)
        {
            vip.Tally.Void(node.LastNumber);
            vip.Send(OwnershipMessageType.Refuse, now, from, number);
            return;
        }
        if (now < vip.Voter.BoundUntil || vip.Unconfirmed) { return; }
        if (Granted is { } until && node.Kernel.Claim(vip.Index, node.Times.Claim))
        {
            _step = Step.Probing;
            Arm(until, unanswered: false, now);
            return;
        }
        Begin(now);
    }

    internal TimeSpan Tick(TimeSpan now)
    {
        if (vip.Holder.Holds)
        {
            (_step, _freeSince) = (Step.Idle, null);
            return TimeSpan.MaxValue;
        }
        if (!vip.CanServe || vip.Leaving || node.View is null)
        {
            if (IsActive) { Abort(now, TimeSpan.Zero); }
            _freeSince = null;
            return TimeSpan.MaxValue;
        }
        return _step switch
        {
            Step.Requesting => Requesting(now),
            Step.Looking => Looking(now),
            Step.Probing => Probing(now),
            _ => Idle(now),
        };
    }

    private TimeSpan? Granted
    {
        get
        {
            if (node.PeersNeeded == 0) { return TimeSpan.MaxValue; }
            TimeSpan until = vip.Tally.GrantedFrom(node.PeersNeeded) + node.Times.Lease;
            return until - node.Clock.Now > node.Times.Lease / 3 ? until : null;
        }
    }

    /// <summary>So long before it may arm, one of two begins to probe.</summary>
    private TimeSpan Lead => node.OnlyPeer is null ? TimeSpan.Zero : GrantTimings.Probing;

    /// <summary>When it may arm, as things stand.</summary>
    private TimeSpan FreeFrom(TimeSpan now) => Granted is null ? Moments.Later(vip.Voter.BoundUntil, UnansweredFrom(now)) : vip.Voter.BoundUntil;

    private TimeSpan UnansweredFrom(TimeSpan now) =>
        SoloRule.UnansweredFrom(node, node.OnlyPeer is { } peer ? vip.PeerAt(peer.Place).ReleasedAt : Moments.Never, now);

    private TimeSpan Idle(TimeSpan now)
    {
        TimeSpan silentFrom = vip.Voter.OwnerHeardAt + node.Times.Ask;
        if (now < silentFrom)
        {
            _freeSince = null;
            return silentFrom;
        }
        TimeSpan asked = Ask(OwnershipMessageType.Ask, now);
        TimeSpan free = Moments.Later(vip.Voter.BoundUntil - Lead, vip.Voter.LeftToTargetUntil);
        if (now < free) { return Moments.Earlier(free, asked); }
        if (vip.Owner is not null && vip.Owner != node.Self) { vip.OwnerIs(null, now); }
        _freeSince ??= now;
        (int rank, bool outclassed) = VipElection.Rank(vip.Self, vip.Others(now));
        TimeSpan delay = Granted is null ? (rank * node.Times.Rank) + (outclassed ? GrantTimings.Outclassed : TimeSpan.Zero) : TimeSpan.Zero;
        TimeSpan begin = Moments.Later(_notBefore, _freeSince.Value + delay);
        if (now < begin) { return Moments.Earlier(begin, asked); }
        return Begin(now);
    }

    private TimeSpan Begin(TimeSpan now)
    {
        _step = Step.Requesting;
        _nextAsk = now;
        node.Observer.Contending(vip.Index);
        return Requesting(now);
    }

    private TimeSpan Requesting(TimeSpan now)
    {
        TimeSpan probeFrom = FreeFrom(now) - Lead;
        if (now >= probeFrom) { return _wasAnswered ? Look(now) : Claim(now); }
        TimeSpan asked = Ask(OwnershipMessageType.Request, now);
        return Moments.Earlier(asked, probeFrom);
    }

    /// <summary>Asks the peers, and the wire for the only peer's kernel, when it is time.</summary>
    private TimeSpan Ask(OwnershipMessageType what, TimeSpan now)
    {
        if (now >= _nextAsk)
        {
            _nextAsk = now + node.Times.Renewal;
            vip.Send(what, now);
            if (node.OnlyPeer is { InView: true } peer && now - peer.HeardAt >= node.Times.Renewal) { node.Kernel.SendPeerProbe(peer.Id); }
        }
        return _nextAsk;
    }

    private TimeSpan Look(TimeSpan now)
    {
        (_step, _wasAnswered) = (Step.Looking, false);
        node.Kernel.SendProbe(vip.Index);
        return _lookedUntil = node.Clock.Now + ClusterTimings.KernelLateness;
    }

    private TimeSpan Looking(TimeSpan now)
    {
        if (now < _lookedUntil) { return _lookedUntil; }
        _step = Step.Requesting;
        return Requesting(now);
    }

    private TimeSpan Claim(TimeSpan now)
    {
        _step = Step.Probing;
        (_probes, _nextProbe, _allHeard) = (0, now, false);
        _claimEnd = node.Clock.Now + node.Times.Claim;
        if (!node.Kernel.Claim(vip.Index, node.Times.Claim))
        {
            Abort(now, Pause());
            return _notBefore;
        }
        return Probing(now);
    }

    private TimeSpan Probing(TimeSpan now)
    {
        if (_probes < GrantTimings.ProbeCount)
        {
            if (now < _nextProbe) { return _nextProbe; }
            _probes++;
            node.Kernel.SendProbe(vip.Index);
            // From when it has gone out: the last one, too, is waited for in full.
            _nextProbe = node.Clock.Now + (_probes < GrantTimings.ProbeCount ? GrantTimings.ProbeGap : ClusterTimings.KernelLateness);
            return _nextProbe;
        }
        TimeSpan free = Moments.Later(_nextProbe, FreeFrom(now));
        if (now < free && free < _claimEnd) { return free; }
        if (!_allHeard)
        {
            // An answer may have come while this process stood still before this turn: everything is heard once more.
            _allHeard = true;
            return now;
        }
        if (now >= _claimEnd || now < free)
        {
            Abort(now, TimeSpan.Zero);
            return now;
        }
        return Arm(Granted, unanswered: Granted is null, now);
    }

    private TimeSpan Arm(TimeSpan? granted, bool unanswered, TimeSpan now)
    {
        TimeSpan? until = granted == TimeSpan.MaxValue ? null : granted;
        if (vip.Holder.Lease.Commit(CommitKind.Acquire, until) != CommitOutcome.Done)
        {
            Abort(now, Pause());
            return _notBefore;
        }
        (_step, _freeSince) = (Step.Idle, null);
        vip.Holder.Armed(unanswered && granted is null, now);
        return now;
    }

    private void Abort(TimeSpan now, TimeSpan pause)
    {
        bool claimed = _step == Step.Probing;
        (_step, _notBefore) = (Step.Idle, now + pause);
        if (claimed && !node.Kernel.DropClaim(vip.Index) && !vip.Release()) { return; }
        vip.Tally.Void(node.LastNumber);
        vip.Send(OwnershipMessageType.Withdraw, now);
    }

    /// <summary>Before the next attempt, after one that met another's: the lower priority waits longer, and no two for the same time.</summary>
    private TimeSpan Pause()
    {
        int before = 0;
        foreach (PeerState peer in node.Peers) { before += vip.IsPreferred(peer) ? 1 : 0; }
        return (node.Times.Renewal / 2) + (before * node.Times.Rank) + (node.Times.Renewal * node.Random.NextDouble() / 2);
    }
}
