using System;
using ExchangeLb.Core.Runtime;
using Xunit;
using static ExchangeLb.Core.Runtime.ServerSettingKind;

namespace ExchangeLb.Cluster.Tests.Replication;

public sealed class SettingTests
{
    private static readonly Action<ReplicaState> Furnish = state => state.Add("e2k13", servers: [(1, "exchange1"), (2, "exchange2")]);
    private static readonly ServerName First = new("e2k13", "exchange1");

    [Theory]
    [InlineData(State, 2)]
    [InlineData(Weight, 256)]
    [InlineData(Checks, 0)]
    [InlineData(Health, 0)]
    public void An_order_at_one_node_is_carried_out_at_the_other_once(ServerSettingKind kind, int value)
    {
        (ReplicaWorld world, Replica one, Replica other) = ReplicatorTests.Pair(Furnish, Furnish);

        one.State.Order("e2k13", "exchange1", kind, value);
        world.RunQuiet(3000);

        Assert.Equal(new ServerSetting(First, kind, value), Assert.Single(other.State.Applied));
        Assert.Empty(one.State.Applied);
    }

    [Fact]
    public void The_later_of_two_orders_at_different_nodes_wins_everywhere()
    {
        (ReplicaWorld world, Replica one, Replica other) = ReplicatorTests.Pair(Furnish, Furnish);

        one.State.Order("e2k13", "exchange1", State, 1);
        world.RunQuiet(10);
        other.State.Order("e2k13", "exchange1", State, 0);
        world.RunQuiet(10);

        Assert.Equal(0, one.State.Settings[(First, State)]);
        Assert.Equal(0, other.State.Settings[(First, State)]);
    }

    [Fact]
    public void A_node_that_starts_again_learns_the_orders_and_a_new_one_of_its_own_is_later()
    {
        (ReplicaWorld world, Replica one, Replica other) = ReplicatorTests.Pair(Furnish, Furnish);
        one.State.Order("e2k13", "exchange1", State, 1);
        one.State.Order("e2k13", "exchange2", Weight, 7);
        world.RunQuiet(10);

        world.Crash(one);
        world.InstallViews();
        world.Restart(one);
        one.State.Order("e2k13", "exchange2", Weight, 9);
        world.InstallViews();
        world.RunQuiet(3000);

        Assert.Equal(1, one.State.Settings[(First, State)]);
        Assert.Equal(9, one.State.Settings[(new ServerName("e2k13", "exchange2"), Weight)]);
        Assert.Equal(9, other.State.Settings[(new ServerName("e2k13", "exchange2"), Weight)]);
    }

    [Fact]
    public void A_newcomer_judges_health_by_its_own_checks_unless_they_are_turned_off()
    {
        ReplicaWorld world = new(1);
        Replica one = world.Add(Furnish);
        one.State.Order("e2k13", "exchange1", Health, 0);
        one.State.Order("e2k13", "exchange2", Health, 0);
        one.State.Order("e2k13", "exchange2", Checks, 0);
        one.Replicator.Tick();
        Replica newcomer = world.Add(Furnish);

        world.InstallViews();
        world.RunQuiet(50);

        Assert.Equal(
            [new ServerSetting(new ServerName("e2k13", "exchange2"), Checks, 0), new ServerSetting(new ServerName("e2k13", "exchange2"), Health, 0)],
            newcomer.State.Applied);
    }

    [Fact]
    public void An_order_that_finds_the_control_thread_busy_is_carried_out_later()
    {
        (ReplicaWorld world, Replica one, Replica other) = ReplicatorTests.Pair(Furnish, Furnish);
        other.State.Busy = true;
        one.State.Order("e2k13", "exchange1", State, 2);
        world.RunQuiet(10);
        Assert.Empty(other.State.Applied);

        other.State.Busy = false;
        world.RunQuiet(10);

        Assert.Single(other.State.Applied);
    }

    [Fact]
    public void A_server_that_a_reload_takes_away_takes_its_orders_with_it()
    {
        (ReplicaWorld world, Replica one, Replica other) = ReplicatorTests.Pair(Furnish, Furnish);
        one.State.Order("e2k13", "exchange1", State, 2);
        world.RunQuiet(10);

        one.State.SetServers("e2k13", (2, "exchange2"));
        other.State.SetServers("e2k13", (2, "exchange2"));
        world.RunQuiet(10);
        one.State.SetServers("e2k13", (1, "exchange1"), (2, "exchange2"));
        other.State.SetServers("e2k13", (1, "exchange1"), (2, "exchange2"));
        one.State.Applied.Clear();
        other.State.Applied.Clear();
        world.RunQuiet(3000);

        Assert.Empty(one.State.Applied);
        Assert.Empty(other.State.Applied);
    }
}
