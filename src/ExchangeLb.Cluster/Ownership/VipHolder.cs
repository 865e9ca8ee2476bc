using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>This node as owner of one VIP: renews its lease, announces, yields, hands over, and falls silent when it must.</summary>
internal sealed class VipHolder
{
    private const string LinkIsDown = "the link is down";
    private const string NotConfigured = "it is not configured any more";

    private readonly NodeState _node;
    private readonly VipState _vip;
    private readonly AnnounceSchedule _announcing = new();
    private readonly MoveWish _wish = new();
    private readonly ConflictWatch _conflict = new();
    private TimeSpan _nextRenewal;
    private TimeSpan _nextConflictProbe;
    private TimeSpan _nextSuspicion = Moments.Never;
    private TimeSpan _stayUntil = Moments.Never;
    private TimeSpan _keepUntil = Moments.Never;
    private int _timesKept;
    private TimeSpan _giveUpAt = TimeSpan.MaxValue;
    private bool _aloneUnanswered;
    private HandOver? _handOver;
    private int _refusedCommits;
    private bool _hasMetOwner;
    private (PeerState Target, TimeSpan Until)? _passing;
    private bool _untilRun;
    private NodeId? _passTo;

    internal VipHolder(NodeState node, VipState vip) => (_node, _vip, Lease) = (node, vip, new(node, vip));

    internal KernelLease Lease { get; }
    internal bool Holds => Lease.IsHeld;
    internal bool IsSolo { get; private set; }
    internal bool IsHandingOver => _handOver is not null;
    internal bool IsPassing => _passing is not null;
    internal long AcquiredTotal { get; private set; }
    internal long ConflictsTotal => _conflict.Total;

    internal void Armed(bool unanswered, TimeSpan now)
    {
        AcquiredTotal++;
        (_keepUntil, _timesKept, _hasMetOwner) = (Moments.Never, 0, false);
        (_aloneUnanswered, IsSolo) = (unanswered, unanswered);
        (_nextRenewal, _nextConflictProbe) = (now, now + GrantTimings.ConflictProbe);
        _conflict.Forget();
        EndPassing(null);
        _vip.OwnerIs(_node.Self, now, tell: false);
        _node.Observer.Acquired(_vip.Index, _vip.NextEpoch());
        _announcing.Start(now);
    }

    internal TimeSpan Tick(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        if (_passing is { } passing)
        {
            if (now >= passing.Until) { EndPassing(_passTo); }
            else { due = passing.Until; }
        }
        if (!Holds) { return due; }
        if (Lease.End <= now)
        {
            Lapse("the lease lapsed", now);
            return now;
        }
        if (!_vip.CanServe && !MovesAway(now))
        {
            GiveUp(_vip.Fitness.Serving ? LinkIsDown : "its loops do not turn", now);
            return now;
        }
        if (now >= _giveUpAt)
        {
            GiveUp(NotConfigured, now);
            return now;
        }
        due = Moments.Earlier(_giveUpAt, Moments.Earlier(due, Renew(now)));
        if (!Holds) { return now; }
        due = Moments.Earlier(due, Announce(now));
        due = Moments.Earlier(due, WatchForConflict(now));
        due = Moments.Earlier(due, _handOver is null ? Elect(now) : Drain(now));
        return Moments.Earlier(due, Lease.End ?? now);
    }

    /// <summary>A peer has granted another renewal.</summary>
    internal void Granted(TimeSpan now)
    {
        if (!Holds) { return; }
        IsSolo = false;
        Commit(_vip.Tally.GrantedFrom(_node.PeersNeeded) + _node.Times.Lease, now);
    }

    /// <summary>Somebody wonders who the owner is, or another view lets this node go on alone, which the rest of the lease may be too short to wait for.</summary>
    internal void RenewSoon(TimeSpan now)
    {
        if (Holds && _nextRenewal > now) { _nextRenewal = now; }
    }

    internal void PeerSpoke() => _aloneUnanswered = false;

    internal void AnnounceAgain(TimeSpan now)
    {
        if (Holds) { _announcing.Start(now); }
    }

    /// <summary>Another owner is heard. True: this node is owner no more.</summary>
    internal bool MeetsOwner(PeerState peer, TimeSpan now)
    {
        _hasMetOwner = true;
        // What a host said before it stood still may wait in its engine and be heard first of all when it is back; an owner goes on renewing.
        if (_vip.IsPreferred(peer) && now - peer.JoinedAt >= _node.Times.Renewal)
        {
            Yield(peer, now);
            return true;
        }
        _nextRenewal = now;
        if (Defend(now)) { _node.Observer.RivalMet(_vip.Index); }
        return false;
    }

    /// <summary>The host of a node that is not in view uses the VIP, while this node owns it or asks for it.</summary>
    internal void UsedByAbsent(ulong hardwareAddress, PeerState by, TimeSpan now)
    {
        if (_conflict.Lasts(by.Id, now) && _conflict.Report(now)) { _node.Observer.Conflict(_vip.Index, hardwareAddress, by.Id); }
    }

    internal void ProbeAnswered(ulong hardwareAddress, PeerState? by, TimeSpan now)
    {
        if (!Holds) { return; }
        if (by is null)
        {
            if (_conflict.Report(now)) { _node.Observer.Conflict(_vip.Index, hardwareAddress, null); }
            Defend(now);
            return;
        }
        _hasMetOwner = true;
        if (!_vip.IsPreferred(by))
        {
            if (Defend(now) && !_conflict.IsLasting(by.Id, now)) { _node.Observer.RivalMet(_vip.Index); }
        }
        else if (_conflict.Shown(by.Id, now))
        {
            Yield(by, now);
        }
    }

    /// <summary>The tables were flushed by others: the lease has gone.</summary>
    internal void Flushed(TimeSpan now)
    {
        if (Holds) { Lapse("another program flushed the lease", now); }
    }

    /// <param name="ordered">By somebody who wants to know when it can't be done as it should.</param>
    internal bool BeginHandOver(PeerState? target, string reason, bool ordered, TimeSpan now, out string refusal, Func<NodeId, string?>? objection = null)
    {
        refusal = "";
        if (!Holds) { refusal = "this node does not own it"; }
        else if (_handOver is not null) { refusal = $"it is being handed over to {NameOf(_handOver.Target.Id)} already"; }
        else if (target is null) { refusal = "no other node can serve"; }
        else if (!target.InView) { refusal = $"{NameOf(target.Id)} is not there"; }
        else if (!_vip.CandidateOf(target).CanServe) { refusal = $"{NameOf(target.Id)} can't serve"; }
        else if (objection?.Invoke(target.Id) is { } against) { refusal = against; }
        if (refusal.Length > 0) { return false; }
        ulong move = _node.NextMove();
        bool urgent = IsCutOff(target!);
        bool moves = _node.Observer.HandingOver(_vip.Index, target!.Id, move, urgent);
        bool held = !moves && _node.Kernel.HoldNew(_vip.Index, GrantTimings.Hold); // sessions that move order it themselves, later
        _handOver = new(move, target, reason, ordered, urgent, held, now);
        if (moves) { _handOver.Moves(); }
        _nextRenewal = now; // So that the target's answer, which the release counts from, is fresh.
        return true;
    }

    internal void Drained() => _handOver?.Drained();

    /// <summary>Holds new connections back for a moment, during the hand-over under way.</summary>
    internal bool HoldNew(ulong move, TimeSpan now)
    {
        if (Under(move) is not { IsFrozen: false } handOver) { return false; }
        handOver.Held(now);
        return _node.Kernel.HoldNew(_vip.Index, GrantTimings.Hold);
    }

    /// <summary>Lets no packet pass for the hand-over under way, until it ends one way or the other.</summary>
    internal bool Freeze(ulong move, TimeSpan now)
    {
        if (Under(move) is not { } handOver || handOver.IsFrozen || !_node.Kernel.Freeze(_vip.Index, GrantTimings.Freeze)) { return false; }
        handOver.Frozen(now);
        return true;
    }

    /// <summary>All sessions are at the target: releases the VIP, if they still are what was described of them.</summary>
    internal bool Moved(ulong move, TimeSpan now)
    {
        if (Under(move) is not { } handOver || !handOver.IsWhole || Lease.End <= now || !CanTake(handOver.Target)) { return false; }
        if (!_node.Kernel.ReleaseFrozen(_vip.Index))
        {
            handOver.Torn();
            return false;
        }
        Quit();
        Ended(handOver.Reason, now, VipLoss.WithSessions);
        GiveTo(handOver.Target, moved: true, now);
        return true;
    }

    /// <summary>What <see cref="NotMoved"/> would say.</summary>
    internal bool MayStay(ulong move) =>
        Under(move) is { } handOver && !_vip.Leaving && !(MustGo(handOver) && CanTake(handOver.Target));

    /// <summary>The sessions stay where they are.</summary>
    /// <returns>True: so does the VIP. False: it goes, or has gone, without them.</returns>
    internal bool NotMoved(ulong move, TimeSpan now)
    {
        if (Under(move) is not { } handOver) { return false; }
        bool mustGo = MustGo(handOver);
        if (mustGo && CanTake(handOver.Target))
        {
            handOver.NotMoved();
            return false;
        }
        if (_vip.Leaving)
        {
            Release(Successor(now), "leaving", now);
            return false;
        }
        EndHandOver();
        if (handOver.IsOrdered && !mustGo) { _stayUntil = now + GrantTimings.AfterFailedHandOver; }
        else if (!mustGo) { _keepUntil = now + GrantTimings.AfterKept(_timesKept++); }
        return true;
    }

    private bool MustGo(HandOver handOver) => _vip.Leaving || _node.Standby || (!handOver.IsOrdered && IsCutOff(handOver.Target));

    internal void NewOwnerSpoke(PeerState owner, TimeSpan now)
    {
        if (_passing is not { } passing) { return; }
        if (!_untilRun)
        {
            EndPassing(owner.Id);
        }
        else if (_passTo is null)
        {
            (_passTo, _passing) = (owner.Id, (passing.Target, Moments.Earlier(passing.Until, now + GrantTimings.RunLimit)));
            _node.Kernel.PassOnNew(_vip.Index, owner.Id);
        }
    }

    /// <summary>The new owner runs the sessions that moved.</summary>
    internal void Ran()
    {
        _untilRun = false;
        if (_passTo is { } owner) { EndPassing(owner); }
    }

    /// <summary>The best of those that could serve now; null: none.</summary>
    internal PeerState? Successor(TimeSpan now)
    {
        Candidate? best = null;
        foreach (Candidate other in _vip.Others(now))
        {
            if (other.CanServe && (best is null || VipElection.Compare(other, best.Value) < 0)) { best = other; }
        }
        return best is { } found ? _node.Peer(found.Node) : null;
    }

    /// <summary>Releases at once, for whoever comes next.</summary>
    internal void GiveUp(string reason, TimeSpan now)
    {
        if (Holds) { Release(_handOver?.Target ?? Successor(now), reason, now); }
    }

    /// <summary>
    /// A reload took the VIP away: it goes to a node that still has it, with its sessions, as it does when a node ends. Where there is none its clients are
    /// told while they can still be reached, and then it is given up.
    /// </summary>
    internal void Retire(TimeSpan now)
    {
        if (!Holds || _handOver is not null || BeginHandOver(Successor(now), NotConfigured, ordered: false, now, out _)) { return; }
        _node.Observer.Retiring(_vip.Index);
        _giveUpAt = now + GrantTimings.LastWords;
    }

    /// <summary>It is configured again.</summary>
    internal void Return() => _giveUpAt = TimeSpan.MaxValue;

    /// <summary>No client reaches this node, but the other nodes hear it, and its loops turn: the VIP goes with its sessions. Where there are none, or nobody takes them, it is given up at once.</summary>
    private bool MovesAway(TimeSpan now) => _vip.Fitness.Serving
        && (_handOver is not null || BeginHandOver(Successor(now), LinkIsDown, ordered: false, now, out _)) && _handOver is { IsUrgentMove: true };

    private TimeSpan Renew(TimeSpan now)
    {
        if (now < _nextRenewal) { return _nextRenewal; }
        _nextRenewal = now + _node.Times.Renewal;
        _vip.Send(OwnershipMessageType.Renewal, now, _handOver?.Target);
        if (_node.PeersNeeded == 0)
        {
            Commit(null, now);
        }
        else if (_node.OnlyPeer is { } peer)
        {
            if (now - _node.SilentSince(peer) >= _node.Times.Ask) { _node.Kernel.SendPeerProbe(peer.Id); }
            IsSolo = SoloRule.Applies(_node, _aloneUnanswered, now);
            if (IsSolo) { Commit(null, now); }
        }
        return _nextRenewal;
    }

    private void Commit(TimeSpan? until, TimeSpan now)
    {
        CommitOutcome outcome = Lease.Commit(CommitKind.Renew, until);
        _hasMetOwner &= outcome != CommitOutcome.Done;
        if (outcome != CommitOutcome.Refused)
        {
            _refusedCommits = 0;
        }
        else if (++_refusedCommits < GrantTimings.CommitTries)
        {
            _nextRenewal = now + GrantTimings.CommitAgain; // this thread may have stood still between permit and commit: the lease itself goes on
        }
        else
        {
            _refusedCommits = 0;
            Lapse("the kernel had no lease to renew", now);
        }
    }

    private TimeSpan Announce(TimeSpan now)
    {
        if (now >= _announcing.Due)
        {
            _node.Kernel.Announce(_vip.Index);
            _announcing.Announced(now);
        }
        return _announcing.Due;
    }

    private TimeSpan WatchForConflict(TimeSpan now)
    {
        // Answers are turns, too: without a pause each would ask again.
        TimeSpan due = Moments.Earlier(IsSolo ? _nextConflictProbe : TimeSpan.MaxValue, Moments.Later(_conflict.Due(now), _nextSuspicion));
        if (now < due) { return due; }
        (_nextConflictProbe, _nextSuspicion) = (now + GrantTimings.ConflictProbe, now + GrantTimings.SuspicionProbe);
        _node.Kernel.SendProbe(_vip.Index);
        return now + _node.Times.Renewal;
    }

    private TimeSpan Elect(TimeSpan now)
    {
        if (now < _stayUntil || _node.Nodes == 1) { return TimeSpan.MaxValue; }
        TimeSpan? preempt = _node.Model.PreemptDelay;
        (NodeId? target, TimeSpan due) = _wish.Observe(VipElection.Choose([_vip.Self, .. _vip.Others(now)], _node.Self, preempt is not null), _node.Self, preempt, now);
        if (target is not { } better || _node.Peer(better) is not { } peer) { return due; }
        if (now < _keepUntil && !_node.Standby && !IsCutOff(peer)) { return Moments.Earlier(due, _keepUntil); }
        if (!BeginHandOver(peer, $"{NameOf(better)} is preferred", ordered: false, now, out _)) { _stayUntil = now + GrantTimings.Damping; }
        return due;
    }

    private TimeSpan Drain(TimeSpan now)
    {
        TimeSpan due = _handOver!.ReleaseAt;
        if (now < due)
        {
            if (_handOver.FreezeAgain is not { } again) { return due; }
            if (now < again) { return Moments.Earlier(due, again); }
            if (_node.Kernel.KeepFrozen(_vip.Index, GrantTimings.Freeze)) { _handOver.Frozen(now); }
            else { _handOver.Torn(); }
            return Moments.Earlier(due, _handOver.FreezeAgain!.Value);
        }
        Release(_handOver.Target, _handOver.Reason, now);
        return now;
    }

    /// <summary>The VIP stays; packets pass again.</summary>
    private void EndHandOver()
    {
        if (_handOver?.FreezeAgain is not null) { _node.Kernel.Unfreeze(_vip.Index); }
        _handOver = null;
        _node.Kernel.PassOn(_vip.Index, null);
    }

    /// <summary>The hand-over of this number, if it is under way.</summary>
    private HandOver? Under(ulong move) => Holds && _handOver is { } handOver && handOver.Move == move ? handOver : null;

    private bool CanTake(PeerState target) => target.InView && _vip.CandidateOf(target).CanServe;

    /// <summary>This node can't serve clients that the other one can: sessions are no reason to keep the VIP.</summary>
    private bool IsCutOff(PeerState other) => !_vip.CanServe || _vip.CandidateOf(other).Fitness.Reached - _vip.Fitness.Reached >= NodeFitness.GatewayWorth;

    private void Release(PeerState? target, string reason, TimeSpan now)
    {
        if (Lose(reason, now, target is null ? LossByAccident : VipLoss.ForGood)) { GiveTo(target, moved: false, now); }
    }

    /// <summary>The kernel has confirmed that nothing is held here; it is the target's.</summary>
    private void GiveTo(PeerState? target, bool moved, TimeSpan now)
    {
        _stayUntil = now + GrantTimings.AfterFailedHandOver;
        if (target is null)
        {
            _vip.Send(OwnershipMessageType.Released, now);
            EndPassing(null);
            return;
        }
        _vip.Voter.PromiseTo(target, now);
        _vip.Voter.LeaveToTarget(now);
        _vip.Send(OwnershipMessageType.Released, now, target, _vip.PeerAt(target.Place).Number);
        (_passing, _passTo, _untilRun) = ((target, now + GrantTimings.HandOverLimit), null, moved);
    }

    private void Yield(PeerState other, TimeSpan now)
    {
        string who = other.InView ? $"{NameOf(other.Id)} owns it, too" : $"the host of {NameOf(other.Id)}, which is not in the cluster, uses it, too";
        if (!Lose($"{who}, and is preferred", now, VipLoss.ForGood)) { return; }
        _vip.Send(OwnershipMessageType.Released, now);
    }

    private string NameOf(NodeId node) => _node.Model.NameOf(node.Value);

    private void Lapse(string reason, TimeSpan now)
    {
        bool heldBack = _handOver is not null;
        VipLoss loss = heldBack ? VipLoss.ForGood : LossByAccident;     // its sessions may be frozen, and on their way
        (_handOver, IsSolo) = (null, false);
        Lease.Forget();
        _announcing.Stop();
        _vip.Release();
        if (heldBack) { _node.Kernel.PassOn(_vip.Index, null); }
        Ended(reason, now, loss);
    }

    /// <summary>False: the kernel has not confirmed; nothing may be said of it yet.</summary>
    private bool Lose(string reason, TimeSpan now, VipLoss loss)
    {
        Quit();
        bool confirmed = _vip.Release();
        Ended(reason, now, loss);
        return confirmed;
    }

    private void Quit()
    {
        (_handOver, IsSolo) = (null, false);
        Lease.Forget();
        _announcing.Stop();
        _vip.Tally.Void(_node.LastNumber);
    }

    /// <summary>Unless this node wants it no more, or another one has had it since the last renewal: as who stood still hears, before it finds its own lease gone.</summary>
    private VipLoss LossByAccident => _vip.Leaving || _hasMetOwner ? VipLoss.ForGood : VipLoss.ByAccident;

    private void Ended(string reason, TimeSpan now, VipLoss loss)
    {
        _giveUpAt = TimeSpan.MaxValue;
        _vip.OwnerIs(null, now, tell: false);
        _node.Observer.Lost(_vip.Index, reason, loss);
    }

    /// <returns>False: it was done a moment ago.</returns>
    private bool Defend(TimeSpan now)
    {
        bool defends = _conflict.Defend(now);
        if (defends) { _announcing.Start(now); }
        return defends;
    }

    private void EndPassing(NodeId? owner)
    {
        if (_passing is null) { return; }
        (_passing, _passTo, _untilRun) = (null, null, false);
        _node.Kernel.PassOn(_vip.Index, owner);
    }
}
