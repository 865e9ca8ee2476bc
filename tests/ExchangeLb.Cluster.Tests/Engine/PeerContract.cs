using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine;

/// <summary>What every adapter with more than one node keeps besides. Three nodes, a vote each.</summary>
public abstract class PeerContract : EngineContract
{
    private static readonly NodeId A = new(1);
    private static readonly NodeId B = new(2);
    private static readonly NodeId C = new(3);

    protected abstract IPeerWorld NewPeerWorld();

    protected sealed override IEngineWorld NewWorld() => NewPeerWorld();

    [Fact]
    public void All_see_all_and_are_quorate()
    {
        using Trio trio = new(NewPeerWorld());

        trio.Join(A, B, C);

        Assert.True(trio.Until(() => trio.Witnesses.All(witness => witness.View!.Quorum == QuorumVerdict.Quorate)));
    }

    [Fact]
    public void A_broadcast_reaches_every_other_member_whole()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);
        byte[] payload = new byte[trio[A].PayloadMaxBytes];
        new Random(5).NextBytes(payload);

        Assert.Equal(SendResult.Accepted, trio[A].Broadcast(payload));

        Assert.True(trio.Until(() => trio.Heard(B, A).Count == 1 && trio.Heard(C, A).Count == 1));
        Assert.Equal(payload, trio.Heard(B, A)[0]);
        Assert.Equal(payload, trio.Heard(C, A)[0]);
    }

    [Fact]
    public void The_broadcasts_of_one_sender_come_in_its_order_while_another_sends_too()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);
        const int Count = 2000;

        for (int number = 0; number < Count; number++)
        {
            trio.Send(A, number);
            trio.Send(B, number);
        }

        Assert.True(trio.Until(() => trio.Heard(C, A).Count == Count && trio.Heard(C, B).Count == Count));
        Assert.Equal(Enumerable.Range(0, Count), trio.Numbers(C, A));
        Assert.Equal(Enumerable.Range(0, Count), trio.Numbers(C, B));
    }

    [Fact]
    public void A_full_queue_refuses_counts_and_loses_nothing_that_it_accepted()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);
        long sentBefore = trio[A].Counters.SentTotal;
        int accepted = 0;

        trio.World.Stall();
        while (accepted < 1_000_000 && trio[A].Broadcast(BitConverter.GetBytes(accepted)) == SendResult.Accepted) { accepted++; }
        trio.World.Resume();

        Assert.True(accepted < 1_000_000, "the queue has no limit");
        Assert.Equal(accepted, trio[A].Counters.SentTotal - sentBefore);
        Assert.Equal(1, trio[A].Counters.RefusedTotal);
        Assert.True(trio.Until(() => trio.Heard(B, A).Count == accepted));
        Assert.Equal(Enumerable.Range(0, accepted), trio.Numbers(B, A));
        Assert.True(trio.Until(() => trio[A].Broadcast([0]) == SendResult.Accepted));
    }

    [Fact]
    public void A_node_may_answer_from_within_what_it_hears()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);
        trio.Witness(B).OnMessage = (sender, payload) =>
        {
            if (sender == A) { trio[B].Broadcast(payload); }
        };

        trio.Send(A, 42);

        Assert.True(trio.Until(() => trio.Heard(A, B).Count == 1));
        Assert.Equal([42], trio.Numbers(A, B));
    }

    [Fact]
    public void A_crashed_node_drops_out_of_the_view_of_the_others()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);

        trio.World.Crash(B);

        Assert.True(trio.Until(() => trio.Witness(A).Sees(A, C) && trio.Witness(C).Sees(A, C)));
    }

    [Fact]
    public void A_node_that_leaves_drops_out_of_the_view_of_the_others()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);

        trio[C].Dispose();

        Assert.True(trio.Until(() => trio.Witness(A).Sees(A, B) && trio.Witness(B).Sees(A, B)));
    }

    [Fact]
    public void The_smaller_side_of_a_split_is_not_quorate_and_the_larger_is()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);

        trio.World.Isolate(A);

        Assert.True(trio.Until(() => trio.Witness(A) is { View.Quorum: QuorumVerdict.Inquorate } a && a.Sees(A)));
        Assert.True(trio.Until(() => trio.Witness(B) is { View.Quorum: QuorumVerdict.Quorate } b && b.Sees(B, C)));
        Assert.DoesNotContain(trio.Witness(A).Views, view => view.Members.SequenceEqual([A]) && view.Quorum == QuorumVerdict.Quorate);
    }

    [Fact]
    public void A_split_heals()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);
        trio.World.Isolate(A);
        Assert.True(trio.Until(() => trio.Witness(A).Sees(A) && trio.Witness(B).Sees(B, C) && trio.Witness(C).Sees(B, C)));

        trio.World.Reconnect(A);

        Assert.True(trio.Until(() => trio.Witnesses.All(witness => witness.Sees(A, B, C))));
    }

    [Fact]
    public void Nothing_of_a_former_life_is_heard_after_the_node_came_back()
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);
        trio.Send(B, 1);
        trio.World.Crash(B);
        Assert.True(trio.Until(() => trio.Witness(A).Sees(A, C) && trio.Witness(C).Sees(A, C)));

        trio.Join(B);
        trio.Send(B, 2);

        Assert.True(trio.Until(() => trio.Numbers(A, B).Contains(2)));
        Assert.True(trio.Until(() => trio.Numbers(C, B).Contains(2)));
        Assert.Equal(trio.Numbers(A, B).Order(), trio.Numbers(A, B));
        Assert.Equal(trio.Numbers(C, B).Order(), trio.Numbers(C, B));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_happens_no_view_and_no_order_goes_back(int seed)
    {
        using Trio trio = new(NewPeerWorld());
        trio.Join(A, B, C);
        Random random = new(seed);
        int number = 0;

        for (int step = 0; step < 60; step++)
        {
            NodeId node = trio.Nodes[random.Next(trio.Nodes.Count)];
            switch (random.Next(10))
            {
                case 0: trio.World.Isolate(node); break;
                case 1: trio.World.Reconnect(node); break;
                case 2: trio.World.Crash(node); trio.Restart(node); break;
                default: trio[node].Broadcast(BitConverter.GetBytes(++number)); break;
            }
            if (random.Next(3) == 0) { trio.Until(() => random.Next(4) == 0); }
        }
        foreach (NodeId node in trio.Nodes) { trio.World.Reconnect(node); }

        Assert.True(trio.Until(() => trio.Witnesses.All(witness => witness.Sees(A, B, C))), $"seed {seed}");
        foreach ((NodeId receiver, NodeId sender) in from receiver in trio.Nodes from sender in trio.Nodes select (receiver, sender))
        {
            Assert.Equal(trio.Numbers(receiver, sender).Distinct().Order(), trio.Numbers(receiver, sender));
        }
    }

    /// <summary>A world with engines and witnesses in it; ends with a look at what every witness has against its engine.</summary>
    private sealed class Trio(IPeerWorld world) : IDisposable
    {
        private readonly SortedDictionary<NodeId, (IClusterEngine Engine, Witness Witness)> _lives = [];
        private readonly List<Witness> _all = [];

        internal IPeerWorld World => world;
        internal IReadOnlyList<NodeId> Nodes => [.. _lives.Keys];
        internal IEnumerable<Witness> Witnesses => _lives.Values.Select(life => life.Witness);
        internal IClusterEngine this[NodeId node] => _lives[node].Engine;

        internal Witness Witness(NodeId node) => _lives[node].Witness;

        internal bool Until(Func<bool> condition) => world.Until(condition);

        internal void Join(params NodeId[] nodes)
        {
            foreach (NodeId node in nodes) { Restart(node); }
            Assert.True(Until(() => Witnesses.All(witness => witness.Sees([.. Nodes]))), "not all nodes came together");
        }

        internal void Restart(NodeId node)
        {
            if (_lives.TryGetValue(node, out var former)) { former.Engine.Dispose(); }
            Witness witness = new();
            IClusterEngine engine = world.Create(node);
            _lives[node] = (engine, witness);
            _all.Add(witness);
            engine.Start(witness);
        }

        internal void Send(NodeId node, int number) =>
            Assert.True(Until(() => this[node].Broadcast(BitConverter.GetBytes(number)) == SendResult.Accepted), "a broadcast was refused for ever");

        internal IReadOnlyList<byte[]> Heard(NodeId receiver, NodeId sender) => Witness(receiver).MessagesOf(sender);

        internal IReadOnlyList<int> Numbers(NodeId receiver, NodeId sender) => [.. Heard(receiver, sender).Select(payload => BitConverter.ToInt32(payload))];

        public void Dispose()
        {
            foreach ((IClusterEngine engine, _) in _lives.Values) { engine.Dispose(); }
            world.Dispose();
            foreach (Witness witness in _all) { witness.AssertNothingAgainstTheContract(); }
        }
    }
}
