using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>What all VIPs of this node have in common, and the ways out of the protocol. The lease thread's.</summary>
internal sealed class NodeState
{
    private readonly IOwnershipSender _sender;
    private PeerState?[] _peers;
    private ulong _number;
    private ulong _moves;
    private TimeSpan _due = TimeSpan.MaxValue;

    internal NodeState(
        OwnershipOptions options, IVipKernel kernel, IOwnershipSender sender, IMonotonicClock clock, IOwnershipObserver observer, Random random)
    {
        (Self, Incarnation, Kernel, _sender, Clock, Observer, Random) = (options.Self, options.Incarnation, kernel, sender, clock, observer, random);
        _moves = Incarnation;
        (Model, Times, _peers, Place, Priority) = (options.Model, new(options.Model.Timings), [], 0, 0);
        Use(options.Model, Moments.Never);
    }

    internal NodeId Self { get; }
    internal ulong Incarnation { get; }
    internal IVipKernel Kernel { get; }
    internal IMonotonicClock Clock { get; }
    internal IOwnershipObserver Observer { get; }
    internal Random Random { get; }
    internal ClusterModel Model { get; private set; }
    internal GrantTimings Times { get; private set; }

    /// <summary>In the model's list of nodes.</summary>
    internal int Place { get; private set; }
    internal int Priority { get; private set; }
    internal ClusterView? View { get; private set; }
    internal bool Standby { get; set; }
    internal bool Leaving { get; set; }

    /// <summary>Silence of others counts from here on: this node's start, or the end of a pause of its own, during which it asked nobody.</summary>
    internal TimeSpan AttentiveSince { get; private set; }
    internal int Nodes => Model.Nodes.Length;

    /// <summary>Grants of others that make a majority of all configured nodes, with this one.</summary>
    internal int PeersNeeded => Nodes / 2;

    /// <summary>The other one of two; null: there are more, or none.</summary>
    internal PeerState? OnlyPeer => Nodes == 2 ? _peers[1 - Place] : null;
    internal IEnumerable<PeerState> Peers => _peers.Where(peer => peer is not null)!;
    internal bool Quorate => View is { Quorum: QuorumVerdict.Quorate };
    internal ulong LastNumber => _number;

    /// <summary>Names a hand-over: none of an earlier life had a number of these, for incarnations are far apart.</summary>
    internal ulong NextMove() => ++_moves;

    /// <summary>What this process may have promised before it remembers nothing of counts from here on.</summary>
    internal TimeSpan StartedAt { get; private set; } = Moments.Never;

    internal void Started(TimeSpan now) => AttentiveSince = StartedAt = now;

    internal void Use(ClusterModel model, TimeSpan now)
    {
        PeerState?[] former = _peers;
        (Model, Times) = (model, new(model.Timings));
        _peers = new PeerState?[model.Nodes.Length];
        Place = -1;
        for (int place = 0; place < model.Nodes.Length; place++)
        {
            NodeId id = new(model.Nodes[place].Id);
            if (id == Self)
            {
                (Place, Priority) = (place, model.Nodes[place].Priority);
                continue;
            }
            PeerState peer = former.FirstOrDefault(peer => peer?.Id == id) ?? new PeerState(id, place);
            peer.Place = place;
            _peers[place] = peer;
        }
        if (Place < 0) { throw new ArgumentException($"The model has no node with the id {Self}.", nameof(model)); }
        if (View is { } view) { See(view, now); }
    }

    internal void See(ClusterView view, TimeSpan now)
    {
        View = view;
        foreach (PeerState peer in Peers) { peer.Seen(view.Members.Contains(peer.Id), now); }
    }

    internal PeerState? Peer(NodeId id)
    {
        foreach (PeerState? peer in _peers)
        {
            if (peer?.Id == id) { return peer; }
        }
        return null;
    }

    internal TimeSpan SilentSince(PeerState peer) => Moments.Later(peer.HeardAt, AttentiveSince);

    /// <summary>Its kernel has answered for the peer's own address a moment ago.</summary>
    internal bool KernelAnswers(PeerState peer, TimeSpan now) => now - peer.KernelAnsweredAt <= Times.Ask;

    /// <summary>A turn that comes much later than it was due: this process stood still.</summary>
    internal void BeginTurn(TimeSpan now)
    {
        if (_due != TimeSpan.MaxValue && now - _due > Times.Ask) { AttentiveSince = now; }
    }

    internal void EndTurn(TimeSpan due) => _due = due;

    /// <returns>The message's number; 0: it was not sent.</returns>
    internal ulong Send(OwnershipMessage message)
    {
        if (Nodes == 1) { return 0; }
        Span<byte> body = stackalloc byte[OwnershipMessages.SizeBytes];
        OwnershipMessages.Write(body, message with { Incarnation = Incarnation, Number = ++_number });
        return _sender.Send(body) ? _number : 0;
    }
}
