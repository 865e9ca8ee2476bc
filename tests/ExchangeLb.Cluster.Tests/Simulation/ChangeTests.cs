using System;
using System.Linq;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>What operators, other hosts and the kernel do to a pair that is well.</summary>
public sealed class ChangeTests
{
    [Theory]
    [InlineData(400)]
    [InlineData(60)]
    public void A_reload_that_prefers_the_other_node_with_preemption_moves_the_VIP_without_a_gap(int lease)
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = Settled(seed, lease, out SimulatedNode owner, out SimulatedNode peer);

            world.Reload(Preferring(world.Model, peer) with { PreemptDelay = TimeSpan.Zero });
            world.Run(TimeSpan.FromSeconds(2));

            Assert.Null(world.Violation);
            Assert.True(peer.Kernel.Accepts(0) && !owner.Kernel.Accepts(0), $"seed {seed}");
            Assert.True(world.Judge.NoOwnerLongest(0) < TimeSpan.FromMilliseconds(5), $"seed {seed}: {world.Judge.NoOwnerLongest(0)}");
        }
    }

    [Fact]
    public void A_reload_without_preemption_moves_nothing_whoever_it_prefers()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = Settled(seed, 400, out SimulatedNode owner, out SimulatedNode peer);

            world.Reload(Preferring(world.Model, peer));
            world.Run(TimeSpan.FromSeconds(2));

            Assert.Null(world.Violation);
            Assert.True(owner.Kernel.Accepts(0), $"seed {seed}");
            Assert.Equal(TimeSpan.Zero, world.Judge.NoOwnerLongest(0));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void A_kernel_that_refuses_some_calls_costs_an_owner_nothing(int refusals)
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = Settled(seed, 400, out SimulatedNode owner, out _);

            owner.Kernel.Refusals = refusals;
            world.Run(TimeSpan.FromSeconds(2));

            Assert.Null(world.Violation);
            Assert.True(owner.Kernel.Accepts(0), $"seed {seed}");
            Assert.Equal(TimeSpan.Zero, world.Judge.NoOwnerLongest(0));
        }
    }

    [Fact]
    public void A_kernel_that_refuses_for_long_loses_the_VIP_to_the_peer_and_says_nothing_until_it_is_gone()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = Settled(seed, 400, out SimulatedNode owner, out SimulatedNode peer);

            world.Judge.Disturbed();
            owner.Kernel.Refusals = int.MaxValue;
            world.Run(TimeSpan.FromSeconds(2));

            Assert.Null(world.Violation);
            Assert.True(peer.Kernel.Accepts(0) && !owner.Kernel.Accepts(0), $"seed {seed}");
            Assert.True(world.Judge.NoOwnerLongest(0) < TimeSpan.FromMilliseconds(500), $"seed {seed}: {world.Judge.NoOwnerLongest(0)}");
        }
    }

    [Theory]
    [InlineData(400)]
    [InlineData(60)]
    public void A_foreign_host_is_reported_and_does_not_take_the_VIP_from_its_owner(int lease)
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = Settled(seed, lease, out SimulatedNode owner, out _);

            world.Service.UseElsewhere(0, TimeSpan.FromSeconds(2));
            world.Run(TimeSpan.FromSeconds(3));

            Assert.Null(world.Violation);
            Assert.Equal(TimeSpan.Zero, world.Judge.NoOwnerLongest(0));
            Assert.InRange(owner.Process!.ConflictsReported, 1, 2);
        }
    }

    [Fact]
    public void An_address_that_a_foreign_host_has_is_taken_by_nobody_until_it_has_gone()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = new(seed, SimulationPlan.Plain(2, TimeSpan.FromMilliseconds(400)));
            world.Service.UseElsewhere(0, TimeSpan.FromSeconds(4));
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(3.9));
            Assert.Equal(0, world.Judge.Owners(0));
            Assert.True(world.Nodes.Sum(node => node.Process!.ConflictsReported) > 0, $"seed {seed}");

            world.Run(TimeSpan.FromSeconds(2));

            Assert.Null(world.Violation);
            Assert.Equal(1, world.Judge.Owners(0));
        }
    }

    private static SimulatedWorld Settled(int seed, int lease, out SimulatedNode owner, out SimulatedNode peer)
    {
        SimulatedWorld world = new(seed, SimulationPlan.Plain(2, TimeSpan.FromMilliseconds(lease)));
        world.StartAll();
        world.Run(TimeSpan.FromSeconds(2));
        SimulatedNode owns = world.Nodes.Single(node => node.Kernel.Accepts(0));
        (owner, peer) = (owns, world.Nodes.Single(node => node != owns));
        world.Judge.Measure();
        return world;
    }

    private static ClusterModel Preferring(ClusterModel model, SimulatedNode node) =>
        model with { Nodes = [.. model.Nodes.Select(other => other with { Priority = other.Id == node.Id.Value ? 200 : 1 })] };
}
