using System;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Replication;

public sealed class ReplicatorTests
{
    private static readonly Action<ReplicaState> Plain = state => state.Add("e2k13", servers: [(1, "exchange1"), (2, "exchange2")]);

    [Fact]
    public void A_write_at_one_node_is_at_the_other_within_milliseconds_and_acknowledged()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, Plain);

        owner.State.Tables["e2k13"].Store(0x0A000001, 2, world.NowMs);
        world.RunQuiet(5);

        Assert.Equal("exchange2", Assert.Single(peer.Content("e2k13")).Value.Server);
        ReplicationSnapshot snapshot = owner.Replicator.Snapshot();
        Assert.Equal((1, 0), (snapshot.SentTotal, snapshot.Queued));
        Assert.InRange(snapshot.Lag!.Value, TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
        Assert.Equal(1, peer.Replicator.Snapshot().ReceivedTotal);
    }

    [Fact]
    public void Servers_are_known_by_name_where_files_have_drifted()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(
            Plain, state => state.Add("e2k13", servers: [(1, "exchange2"), (7, "exchange1")]));

        owner.State.Tables["e2k13"].Store(1, 1, world.NowMs);
        owner.State.Tables["e2k13"].Store(2, 2, world.NowMs);
        world.RunQuiet(5);

        Assert.True(peer.State.Tables["e2k13"].TryMatch(1, world.NowMs, out int first));
        Assert.True(peer.State.Tables["e2k13"].TryMatch(2, world.NowMs, out int second));
        Assert.Equal((7, 1), (first, second));
    }

    [Fact]
    public void What_a_node_has_no_table_or_server_for_is_left_out_and_counted()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(
            state =>
            {
                Plain(state);
                state.Add("other", servers: [(1, "a")]);
            },
            state => state.Add("e2k13", servers: [(1, "exchange1")]));

        owner.State.Tables["other"].Store(1, 1, world.NowMs);
        owner.State.Tables["e2k13"].Store(1, 2, world.NowMs);
        owner.State.Tables["e2k13"].Store(2, 1, world.NowMs);
        world.RunQuiet(5);

        Assert.Equal([2], peer.Content("e2k13").Keys.Select(key => (int)key));
        Assert.Equal(2, peer.Replicator.Snapshot().SkippedTotal);
    }

    [Fact]
    public void A_server_that_a_reload_brings_is_learned_with_what_is_stuck_to_it()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, state => state.Add("e2k13", servers: [(1, "exchange1")]));
        owner.State.Tables["e2k13"].Store(1, 2, world.NowMs);
        world.RunQuiet(5);
        Assert.Empty(peer.Content("e2k13"));

        peer.State.SetServers("e2k13", (1, "exchange1"), (2, "exchange2"));
        world.RunQuiet(2000);

        Assert.Equal("exchange2", Assert.Single(peer.Content("e2k13")).Value.Server);
    }

    [Fact]
    public void A_table_that_a_reload_brings_is_learned_and_taught()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(
            state =>
            {
                Plain(state);
                state.Add("new", servers: [(1, "a")]);
            },
            Plain);
        owner.State.Tables["new"].Store(1, 1, world.NowMs);
        world.RunQuiet(5);

        peer.State.Add("new", servers: [(1, "a")]).Store(2, 1, world.NowMs);     // before replication has seen the table
        world.RunQuiet(2000);

        Assert.Equal([1, 2], peer.Content("new").Keys.Select(key => (int)key));
        Assert.Equal(peer.Content("new"), owner.Content("new"));
    }

    [Fact]
    public void A_table_that_a_reload_replaces_stays_replicated_with_what_is_written_to_the_old_one_meanwhile()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, Plain);
        owner.Replicator.SetOwnerEpoch(5);
        StickTable old = owner.State.Tables["e2k13"];
        old.Store(1, 1, world.NowMs);
        world.RunQuiet(5);

        StickTable replaced = owner.State.Add("e2k13", size: 500, servers: [(4, "exchange1")]);
        world.TickAll();
        old.Store(2, 1, world.NowMs);       // a loop that has not heard of the reload yet
        foreach (int key in new[] { 1, 2 })
        {
            Assert.True(old.TryRead((UInt128)key, world.NowMs, out StickEntry entry));
            replaced.Merge(new StickUpdate(entry.Key, 4, entry.RemainingMs, entry.Version), world.NowMs);
        }
        replaced.Store(3, 4, world.NowMs);
        world.RunQuiet(2000);

        Assert.Equal([1, 2, 3], Live(peer));
        Assert.Equal(owner.Content("e2k13").Select(pair => pair.Value.Version), peer.Content("e2k13").Select(pair => pair.Value.Version));
        Assert.Equal(5u, owner.Content("e2k13")[3].Version.Epoch);
    }

    [Fact]
    public void A_newcomer_is_taught_everything()
    {
        ReplicaWorld world = new(1);
        Replica owner = world.Add(state => state.Add("e2k13", size: 30_000, servers: [(1, "exchange1"), (2, "exchange2")]));
        Store(owner, world, 20_000);
        Replica newcomer = world.Add(state => state.Add("e2k13", size: 30_000, servers: [(1, "exchange1"), (2, "exchange2")]));

        world.InstallViews();
        world.RunQuiet(50);

        Assert.Equal(owner.Content("e2k13"), newcomer.Content("e2k13"));
        Assert.Equal(new TeachingSnapshot("lb2", 20_000, true), Assert.Single(owner.Replicator.Snapshot().Teaching));
    }

    [Fact]
    public void Only_one_lesson_is_under_way_at_a_time()
    {
        ReplicaWorld world = new(1);
        Replica owner = world.Add(state => state.Add("e2k13", size: 30_000, servers: [(1, "exchange1")]));
        Store(owner, world, 20_000);
        Replica newcomer = world.Add(state => state.Add("e2k13", size: 30_000, servers: [(1, "exchange1")]));
        world.InstallViews();
        while (owner.Sent.Count(IsLesson) < 2)
        {
            Assert.True(world.DeliverOne());
        }

        newcomer.Alive = false;     // hears nothing, answers nothing, is still a member
        int before = owner.Sent.Count(IsLesson);
        for (int i = 0; i < 500; i++)
        {
            world.TickAll();
            world.Advance(1);
        }

        Assert.Equal(before, owner.Sent.Count(IsLesson));
    }

    [Fact]
    public void More_updates_than_the_queue_holds_are_counted_and_taught_later()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(
            state => state.Add("e2k13", size: 5000, servers: [(1, "exchange1")]),
            state => state.Add("e2k13", size: 5000, servers: [(1, "exchange1")]));

        Store(owner, world, 4000);
        Assert.Equal(4000 - 1024, owner.Replicator.Snapshot().DroppedTotal);
        world.RunQuiet(200);

        Assert.Equal(4000, peer.Content("e2k13").Count);
        Assert.Equal(owner.Content("e2k13"), peer.Content("e2k13"));
    }

    [Fact]
    public void Several_updates_of_one_key_leave_as_one()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, Plain);

        for (int i = 0; i < 100; i++)
        {
            owner.State.Tables["e2k13"].Store(1, 1 + (i % 2), world.NowMs);
        }
        world.RunQuiet(5);

        Assert.Equal(1, owner.Replicator.Snapshot().SentTotal);
        Assert.Equal("exchange2", peer.Content("e2k13")[1].Server);
    }

    [Fact]
    public void An_engine_that_takes_nothing_for_a_while_delays_updates_and_loses_none()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, Plain);
        owner.Refusing = true;
        Store(owner, world, 700);
        world.RunQuiet(20);
        Assert.Empty(peer.Content("e2k13"));

        owner.Refusing = false;
        world.RunQuiet(20);

        Assert.Equal(700, peer.Content("e2k13").Count);
        Assert.Equal(0, owner.Replicator.Snapshot().DroppedTotal);
    }

    [Fact]
    public void Clearing_at_either_node_clears_both_for_good()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, Plain);
        Store(owner, world, 20);
        world.RunQuiet(5);

        owner.State.Tables["e2k13"].Remove(3, world.NowMs);
        peer.State.Tables["e2k13"].RemoveWhere(1, world.NowMs);
        world.RunQuiet(5);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (2 * i) + 1).Where(i => i != 3), Live(owner));
        Assert.Equal(Live(owner), Live(peer));

        peer.State.Tables["e2k13"].RemoveWhere(0, world.NowMs);
        world.RunQuiet(5);
        Assert.Empty(owner.Content("e2k13"));
        Assert.Empty(peer.Content("e2k13"));

        owner.State.Tables["e2k13"].Store(5, 1, world.NowMs);
        world.RunQuiet(5);
        Assert.Equal([5], Live(peer));
    }

    [Fact]
    public void What_was_cleared_while_a_node_was_away_does_not_come_back_with_it()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, Plain);
        Store(owner, world, 20);
        world.RunQuiet(5);
        world.Split([owner], [peer]);
        world.InstallViews();

        owner.State.Tables["e2k13"].Remove(3, world.NowMs);
        owner.State.Tables["e2k13"].RemoveWhere(1, world.NowMs);
        world.RunQuiet(5);
        world.Heal();
        world.InstallViews();
        world.RunQuiet(50);

        Assert.Equal(9, Live(owner).Length);
        Assert.Equal(Live(owner), Live(peer));
    }

    [Fact]
    public void A_used_entry_expires_at_both_nodes_within_a_second()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(Plain, Plain);
        owner.State.Tables["e2k13"].Store(1, 1, world.NowMs);
        for (int i = 0; i < 100; i++)
        {
            world.RunQuiet(77);
            owner.State.Tables["e2k13"].TryMatch(1, world.NowMs, out _);
        }
        world.RunQuiet(5);

        long apart = owner.Content("e2k13")[1].RemainingMs - peer.Content("e2k13")[1].RemainingMs;
        Assert.InRange(apart, 0, 600);
    }

    [Fact]
    public void A_table_of_another_kind_of_key_under_the_same_name_takes_nothing()
    {
        (ReplicaWorld world, Replica owner, Replica peer) = Pair(
            Plain, state => state.Add("e2k13", key: StickKeyKind.IPv6, servers: [(1, "exchange1")]));

        owner.State.Tables["e2k13"].Store(1, 1, world.NowMs);
        world.RunQuiet(5);

        Assert.Empty(peer.Content("e2k13"));
        Assert.Equal(1, peer.Replicator.Snapshot().SkippedTotal);
    }

    internal static (ReplicaWorld World, Replica One, Replica Other) Pair(Action<ReplicaState> one, Action<ReplicaState> other)
    {
        ReplicaWorld world = new(1);
        Replica first = world.Add(one);
        Replica second = world.Add(other);
        world.InstallViews();
        world.RunQuiet(10);
        return (world, first, second);
    }

    private static void Store(Replica node, ReplicaWorld world, int entries)
    {
        for (int i = 0; i < entries; i++)
        {
            node.State.Tables["e2k13"].Store((UInt128)i, node.State.Content.Servers.Count > 1 ? 1 + (i % 2) : 1, world.NowMs);
        }
    }

    private static int[] Live(Replica node) =>
        [.. node.Content("e2k13").Where(pair => pair.Value.Server != "cleared").Select(pair => (int)pair.Key)];

    private static bool IsLesson(byte[] body) => body[1] == 4;
}
