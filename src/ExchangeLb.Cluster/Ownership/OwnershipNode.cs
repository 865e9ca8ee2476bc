using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// One node's part in the grant protocol, for all VIPs: who should own them, who does, and until when. It decides; what it decides is done by
/// the kernel, sent by the sender and told to the observer. All members are called by one thread, the lease thread, and none waits.
/// </summary>
public sealed class OwnershipNode
{
    private readonly NodeState _node;
    private readonly StrangerVips _strangers;
    private ImmutableArray<VipState> _vips;

    public OwnershipNode(
        OwnershipOptions options, IVipKernel kernel, IOwnershipSender sender, IMonotonicClock clock, IOwnershipObserver observer, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _node = new(options, kernel, sender, clock, observer, random);
        _strangers = new(_node);
        _vips = [.. options.Model.Vips.Select((vip, index) => new VipState(_node, vip, index))];
    }

    /// <summary>By the VIP's index in the model.</summary>
    public VipOwnership this[int vip] => _vips[vip].Snapshot;

    /// <summary>Longest gap between two renewals of a lease that was held, since start.</summary>
    public TimeSpan LongestRenewalGap => _vips.Aggregate(TimeSpan.Zero, (longest, vip) => Moments.Later(longest, vip.Holder.Lease.LongestGap));

    /// <summary>Messages that were not understood: damaged, of a later form, of a node that is not in the model.</summary>
    public long RejectedTotal { get; private set; }

    /// <summary>Messages about VIPs that this node does not have: it has a vote in them, as the others take or took them over from their files.</summary>
    public long UnknownVipTotal { get; private set; }

    /// <summary>By their places, those included that have gone.</summary>
    public int VipCount => _vips.Length;

    /// <summary>Signs of another host that used a VIP while this node owned it.</summary>
    public long ConflictsTotal => _vips.Sum(vip => vip.Holder.ConflictsTotal);

    /// <summary>Releases whatever an earlier life left in the kernel. To be called first.</summary>
    public void Start()
    {
        TimeSpan now = _node.Clock.Now;
        _node.Started(now);
        foreach (VipState vip in _vips) { Start(vip, now); }
    }

    public void ViewChanged(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        TimeSpan now = _node.Clock.Now;
        _node.See(view, now);
        foreach (VipState vip in _vips)
        {
            vip.SayState(now);
            vip.Holder.RenewSoon(now);
        }
    }

    /// <param name="body">Of a message of kind Ownership, this node's own included; what it doesn't understand it counts and leaves.</param>
    public void MessageArrived(NodeId sender, ReadOnlySpan<byte> body)
    {
        if (sender == _node.Self) { return; }
        if (_node.Peer(sender) is not { } peer || !OwnershipMessages.TryRead(body, out OwnershipMessage message))
        {
            RejectedTotal++;
            return;
        }
        TimeSpan now = _node.Clock.Now;
        VipState? vip = Find(message.Vip, now);
        if (vip is not { IsPresent: true }) { UnknownVipTotal++; }
        if (vip is null) { return; }
        if (peer.Accept(message, now)) { vip.Heard(peer, message, now); }
    }

    /// <summary>Somebody answered a probe for the VIP, or used the VIP as sender.</summary>
    /// <param name="hardwareAddress">48 bits, of the frame's sender; never this node's own.</param>
    /// <param name="node">Whose it is; null: no node of the cluster is known by it.</param>
    public void ProbeAnswered(int vip, ulong hardwareAddress, NodeId? node)
    {
        TimeSpan now = _node.Clock.Now;
        VipState state = _vips[vip];
        PeerState? by = node is { } id ? _node.Peer(id) : null;
        if (by is null && state.Contender.IsActive) { _node.Observer.Conflict(vip, hardwareAddress, null); }
        if (by is { InView: false } && (state.Contender.IsActive || state.Holder.Holds)) { state.Holder.UsedByAbsent(hardwareAddress, by, now); }
        // One that is in view is heard; and what it shows may be a claim that it drops.
        if (by is { InView: false } && !state.Holder.Holds) { _node.Observer.UsedElsewhere(vip); }
        state.Contender.ProbeAnswered(by?.Id, now);
        state.Holder.ProbeAnswered(hardwareAddress, by, now);
    }

    /// <summary>The peer's kernel answered for its own address on the service network.</summary>
    public void PeerAnswered(NodeId peer)
    {
        if (_node.Peer(peer) is { } state) { state.KernelAnsweredAt = _node.Clock.Now; }
    }

    /// <summary>The kernel's tables were flushed by another program and made anew: the leases and claims that were in them have gone.</summary>
    public void RulesFlushed()
    {
        TimeSpan now = _node.Clock.Now;
        foreach (VipState vip in _vips) { vip.Holder.Flushed(now); }
    }

    public void FitnessChanged(int vip, NodeFitness fitness) => _vips[vip].FitnessChanged(fitness, _node.Clock.Now);

    /// <summary>A change of links or a heal: the owner announces again.</summary>
    public void AnnounceAgain(int vip) => _vips[vip].Holder.AnnounceAgain(_node.Clock.Now);

    /// <summary>Out of the election, or back; this node's VIPs move away if another can serve.</summary>
    public void SetStandby(bool standby)
    {
        if (_node.Standby == standby) { return; }
        _node.Standby = standby;
        TimeSpan now = _node.Clock.Now;
        foreach (VipState vip in _vips) { vip.SayState(now); }
    }

    /// <summary>Hands a VIP that this node owns over. False, with the reason, when it can't.</summary>
    /// <param name="target">null: whoever comes next.</param>
    /// <param name="objection">Why it does not go to a node that could take it, after all; null: nothing is against it. Must not wait.</param>
    public bool HandOver(int vip, NodeId? target, out string reason, Func<NodeId, string?>? objection = null)
    {
        TimeSpan now = _node.Clock.Now;
        VipState state = _vips[vip];
        PeerState? peer = target is { } id ? _node.Peer(id) : state.Holder.Successor(now);
        if (peer is null && target is { } asked && state.Holder.Holds)
        {
            reason = asked == _node.Self ? "this node owns it already" : $"there is no node {asked}";
            return false;
        }
        return state.Holder.BeginHandOver(peer, "handed over", ordered: true, now, out reason, objection);
    }

    /// <summary>During a hand-over: the young connections have ended, or have got what they came for.</summary>
    public void Drained(int vip) => _vips[vip].Holder.Drained();

    /// <summary>During a hand-over whose sessions are about to be frozen: new connections wait for a moment, so that young ones come about. False: they do not.</summary>
    /// <param name="move">As in <see cref="Freeze"/>.</param>
    public bool HoldNew(int vip, ulong move) => _vips[vip].Holder.HoldNew(move, _node.Clock.Now);

    /// <summary>During a hand-over: no packet of the VIP passes from now on until it ends, one way or the other. False: there is no hand-over any more.</summary>
    /// <param name="move">As <see cref="IOwnershipObserver.HandingOver"/> was told; an order for another hand-over than the present one is not obeyed.</param>
    public bool Freeze(int vip, ulong move) => _vips[vip].Holder.Freeze(move, _node.Clock.Now);

    /// <summary>During a hand-over: all sessions are at the target, and the VIP is released.</summary>
    /// <returns>
    /// False: it is not, or was for another reason: the freeze did not hold until now, the target can't serve any more, or the hand-over is over. What was
    /// described of the sessions must not be run then; <see cref="NotMoved"/> is wanted.
    /// </returns>
    public bool Moved(int vip, ulong move) => _vips[vip].Holder.Moved(move, _node.Clock.Now);

    /// <summary>After a hand-over: the new owner runs the sessions that moved; what was kept for them may be sent there.</summary>
    public void Ran(int vip) => _vips[vip].Holder.Ran();

    /// <summary>During a hand-over: whether <see cref="NotMoved"/> would be answered by true now.</summary>
    public bool MayStay(int vip, ulong move) => _vips[vip].Holder.MayStay(move);

    /// <summary>During a hand-over: the sessions could not be moved.</summary>
    /// <returns>
    /// True: the VIP stays, too, for the hand-over was ordered, its target is merely preferred, or it can't serve any more. False: it goes, or has gone,
    /// without them.
    /// </returns>
    public bool NotMoved(int vip, ulong move) => _vips[vip].Holder.NotMoved(move, _node.Clock.Now);

    /// <summary>Gives up everything in order, before this process ends: as <see cref="HandOver"/> of all VIPs, then asks for nothing any more.</summary>
    public void Leave()
    {
        TimeSpan now = _node.Clock.Now;
        _node.Leaving = true;
        foreach (VipState vip in _vips)
        {
            vip.SayState(now);
            if (!vip.Holder.IsHandingOver && !vip.Holder.BeginHandOver(vip.Holder.Successor(now), "leaving", ordered: false, now, out _)) { vip.Holder.GiveUp("leaving", now); }
        }
    }

    /// <summary>True once nothing is left to give up after <see cref="Leave"/>.</summary>
    public bool HasLeft => _node.Leaving && _vips.All(IsEmpty);

    /// <summary>
    /// Another model: timings, priorities and preemption may differ, and VIPs may come and go, by their places (<see cref="VipPlaces"/>). Those that stay are
    /// not disturbed. One that goes is handed over, or given up; <see cref="HasGone"/> tells when. One that comes must be fenced by the kernel already.
    /// </summary>
    public void Reload(ClusterModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        TimeSpan now = _node.Clock.Now;
        ClusterModel former = _node.Model;
        _node.Use(model, now);
        _strangers.Use(former);
        foreach (VipState vip in _vips) { Reload(vip, model.Vips[vip.Index], former, now); }
        foreach (VipModel vip in model.Vips.Skip(_vips.Length))
        {
            VipState fresh = new(_node, vip, _vips.Length);
            // What this node has promised as one that did not have it has run out by the end of this.
            fresh.Voter.Start(now);
            if (_strangers.Remove(fresh.Key) is { } stranger) { fresh.Learn(stranger.Epoch); }
            _vips = _vips.Add(fresh);
        }
    }

    /// <summary>The VIP has gone from the model, and nothing of it is left to give up.</summary>
    public bool HasGone(int vip) => !_vips[vip].IsPresent && IsEmpty(_vips[vip]);

    /// <summary>
    /// Does what is due. Everything that has arrived, messages, views and answers from the wire, must be handed over before each call: an answer
    /// that is still unread when this is called would not stop this node from arming.
    /// </summary>
    /// <returns>When something is due next, on the clock; <see cref="TimeSpan.MaxValue"/>: nothing.</returns>
    public TimeSpan Tick()
    {
        TimeSpan now = _node.Clock.Now;
        _node.BeginTurn(now);
        TimeSpan due = TimeSpan.MaxValue;
        foreach (VipState vip in _vips) { due = Moments.Earlier(due, vip.Tick(now)); }
        _node.EndTurn(due);
        return due;
    }

    private static bool IsEmpty(VipState vip) => !vip.Holder.Holds && !vip.Holder.IsPassing && !vip.Unconfirmed;

    private void Reload(VipState vip, VipModel model, ClusterModel former, TimeSpan now)
    {
        bool wasPresent = vip.IsPresent;
        vip.Use(model, former);
        if (wasPresent == vip.IsPresent) { return; }
        vip.SayState(now);
        if (wasPresent)
        {
            vip.Holder.Retire(now);
            return;
        }
        vip.Holder.Return();
        if (vip.Owner is { } owner && owner != _node.Self) { _node.Observer.OwnerChanged(vip.Index, owner); }
    }

    private static void Start(VipState vip, TimeSpan now)
    {
        vip.Release();
        vip.Voter.Start(now);
    }

    private VipState? Find(uint key, TimeSpan now)
    {
        foreach (VipState vip in _vips)
        {
            if (vip.Key == key) { return vip; }
        }
        return _strangers.Find(key, now);
    }
}
