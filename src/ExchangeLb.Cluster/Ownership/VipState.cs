using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>One VIP at this node: what its three parts have in common. It votes on others' wishes, contends for the VIP, and holds it.</summary>
internal sealed class VipState
{
    private const uint EpochStep = 16;
    private const ulong Year2023 = 1_672_531_200_000_000_000;

    private readonly NodeState _node;
    private VipPeer[] _peers;
    private TimeSpan _sentAt = Moments.Never;
    private bool _leftOver = true;

    internal VipState(NodeState node, VipModel model, int index)
    {
        (_node, Model, Index, Key) = (node, model, index, OwnershipMessages.KeyOf(model));
        (_peers, Tally) = (NewPeers(node.Model), new(node.Nodes));
        Voter = new(node, this);
        Contender = new(node, this);
        Holder = new(node, this);
    }

    /// <summary>A VIP that this node does not have, but others do: it has a vote in it, and nothing else. Its kernel is never asked.</summary>
    internal VipState(NodeState node, uint key)
        : this(node, new VipModel(IPAddress.None, 32, "", []) { IsGone = true }, -1) => (Key, _leftOver) = (key, false);

    internal VipModel Model { get; private set; }

    /// <summary>Its place in the model; negative: it is in none.</summary>
    internal int Index { get; }
    internal uint Key { get; }
    internal VipVoter Voter { get; }
    internal VipContender Contender { get; }
    internal VipHolder Holder { get; }
    internal GrantTally Tally { get; private set; }
    internal NodeFitness Fitness { get; private set; }
    internal uint Epoch { get; private set; }
    internal NodeId? Owner { get; private set; }
    internal TimeSpan OwnerSince { get; private set; }

    /// <summary>The kernel has not confirmed yet that nothing of ours is in it: this node neither asks nor grants.</summary>
    internal bool Unconfirmed => _leftOver;

    /// <summary>It is in this node's file.</summary>
    internal bool IsPresent => !Model.IsGone;

    /// <summary>This node asks for it no more.</summary>
    internal bool Leaving => _node.Leaving || Model.IsGone;
    internal bool CanServe => Fitness.Serving && Fitness.LinkUp;
    internal Candidate Self => new(_node.Self, Fitness, _node.Standby, _node.Priority, Preferred(_node.Place));

    internal VipOwnership Snapshot => new(
        Holder.IsHandingOver ? VipRole.Releasing : Holder.Holds ? VipRole.Owner : Contender.IsActive ? VipRole.Acquiring : VipRole.Backup,
        Owner, OwnerSince, Holder.Lease.End, Holder.IsSolo, Holder.AcquiredTotal);

    /// <summary>Another model, in which the nodes may have other places.</summary>
    internal void Use(VipModel model, ClusterModel former)
    {
        Model = model;
        VipPeer[] before = _peers;
        _peers = NewPeers(_node.Model);
        Tally = new(_node.Nodes);
        for (int place = 0; place < former.Nodes.Length; place++)
        {
            if (_node.Peer(new(former.Nodes[place].Id)) is not { } peer) { continue; }
            VipPeer known = before[place];
            // What it said itself may be of its former file: two that can't hear each other must agree on who is preferred.
            if (former.Nodes[place].Priority != _node.Model.Nodes[peer.Place].Priority) { known.Sender = known.Sender with { Priority = _node.Model.Nodes[peer.Place].Priority }; }
            _peers[peer.Place] = known;
        }
    }

    internal ref VipPeer PeerAt(int place) => ref _peers[place];

    internal Candidate CandidateOf(PeerState peer)
    {
        SenderState sender = _peers[peer.Place].Sender;
        return new(peer.Id, sender.Leaving ? default : sender.Fitness, sender.Standby, sender.Priority, Preferred(peer.Place));
    }

    /// <summary>Peers in view that have spoken a moment ago.</summary>
    internal IEnumerable<Candidate> Others(TimeSpan now)
    {
        foreach (PeerState peer in _node.Peers)
        {
            if (peer.InView && now - peer.SpokeAt <= _node.Times.Lease / 2) { yield return CandidateOf(peer); }
        }
    }

    /// <summary>Whether the configuration puts the peer before this node.</summary>
    internal bool IsPreferred(PeerState peer) => VipElection.ComparePreference(CandidateOf(peer), Self) < 0;

    internal void Heard(PeerState peer, in OwnershipMessage message, TimeSpan now)
    {
        Learn(message.Epoch);
        ref VipPeer state = ref _peers[peer.Place];
        if (!peer.IsFormer(message.Incarnation)) { state.Sender = message.Sender; }
        if (message.Number != OwnershipMessages.All)
        {
            state.Number = message.Number;
            Holder.PeerSpoke();
        }
        Voter.Heard(peer, message, now);
    }

    /// <summary>There is, or was, an owner of this epoch.</summary>
    internal void Learn(uint epoch) => Epoch = Math.Max(Epoch, epoch);

    internal void FitnessChanged(NodeFitness fitness, TimeSpan now)
    {
        if (fitness == Fitness) { return; }
        Fitness = fitness;
        SayState(now);
    }

    internal void OwnerIs(NodeId? owner, TimeSpan now, bool tell = true)
    {
        if (owner == Owner) { return; }
        (Owner, OwnerSince) = (owner, now);
        if (tell && IsPresent) { _node.Observer.OwnerChanged(Index, owner); }
    }

    /// <summary>Rises over every epoch heard of, and with this node's wall clock at start, since it may have forgotten some; two nodes never take the same one.</summary>
    internal uint NextEpoch() => Epoch = (Math.Max((Epoch / EpochStep) + 1, Started(_node.Incarnation)) * EpochStep) + (uint)(_node.Place % EpochStep);

    /// <summary>Units of 8 s since 2023, of an incarnation that is wall-clock nanoseconds.</summary>
    private static uint Started(ulong incarnation) => (uint)((Math.Max(incarnation, Year2023) - Year2023) / 8_000_000_000 % (uint.MaxValue / EpochStep / 2));

    /// <summary>Asks the kernel to delete whatever it has of ours. What it doesn't confirm is tried again.</summary>
    internal bool Release()
    {
        _leftOver = !_node.Kernel.Release(Index);
        return !_leftOver;
    }

    /// <returns>The message's number; 0: it was not sent.</returns>
    internal ulong Send(OwnershipMessageType type, TimeSpan now, PeerState? subject = null, ulong answers = 0)
    {
        if (Unconfirmed) { return 0; }
        SenderState sender = new(Fitness, _node.Standby, Leaving, _node.Priority);
        ulong number = _node.Send(new(type, Key, sender, 0, 0, Epoch, subject?.Id.Value ?? 0, subject?.Incarnation ?? 0, answers));
        if (number > 0)
        {
            Tally.Sent(number, now);
            _sentAt = now;
        }
        return number;
    }

    internal void SayState(TimeSpan now) => Send(OwnershipMessageType.State, now);

    internal TimeSpan Tick(TimeSpan now)
    {
        if (Unconfirmed && !Release()) { return now + _node.Times.Renewal; }
        TimeSpan due = Holder.Tick(now);
        due = Moments.Earlier(due, Contender.Tick(now));
        // Of a VIP that has gone this node speaks only when it is asked.
        if (_node.Nodes == 1 || (Model.IsGone && !Holder.Holds)) { return due; }
        if (now - _sentAt >= _node.Times.Ask)
        {
            SayState(now);
            _sentAt = now;
        }
        return Moments.Earlier(due, _sentAt + _node.Times.Ask);
    }

    private int Preferred(int place)
    {
        int preferred = Model.Prefer.IndexOf(_node.Model.Nodes[place].Name);
        return preferred < 0 ? int.MaxValue : preferred;
    }

    /// <summary>Until a peer speaks it is taken for what the model says: two that never heard each other must agree on who is preferred.</summary>
    private static VipPeer[] NewPeers(ClusterModel model) =>
        [.. model.Nodes.Select(peer => new VipPeer { Sender = new(default, false, false, peer.Priority), ReleasedAt = Moments.Never })];
}

/// <summary>What a peer last said about one VIP.</summary>
internal struct VipPeer
{
    internal SenderState Sender;
    internal ulong Number;

    /// <summary>When it, or its guard, said that its kernel holds nothing; it counts until the peer speaks again.</summary>
    internal TimeSpan ReleasedAt;
}
