using System;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>VIPs that come and go in a reload, on one node first and on the others later.</summary>
public sealed class VipReloadTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(400);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_VIP_that_one_node_alone_has_is_served_by_it(int nodes)
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            SimulatedWorld world = Started(seed, nodes, without: 1);
            Assert.Equal(0, world.Judge.Owners(1));

            new Faults(world).ReloadVip(world.Nodes[1], 1, gone: false);
            world.Run(TimeSpan.FromSeconds(2));

            Assert.Null(world.Violation);
            Assert.True(world.Nodes[1].Kernel.Accepts(1), $"seed {seed}");
            Assert.All(world.Nodes.Where(node => node != world.Nodes[1]), node => Assert.True(node.Process!.Ownership.UnknownVipTotal > 0));
            Assert.All(world.Nodes, node => Assert.Equal(0, node.Process!.Ownership.RejectedTotal));
            Assert.Equal(TimeSpan.Zero, world.Judge.NoOwnerLongest(0));
        }
    }

    [Fact]
    public void It_stays_where_it_is_when_the_other_node_has_it_too_and_fails_over_then()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            SimulatedWorld world = Started(seed, 2, without: 1);
            Faults faults = new(world);
            faults.ReloadVip(world.Nodes[1], 1, gone: false);
            world.Run(TimeSpan.FromSeconds(1));
            world.Judge.Measure();

            faults.ReloadVip(world.Nodes[0], 1, gone: false);
            world.Run(TimeSpan.FromSeconds(2));
            Assert.Null(world.Violation);
            Assert.True(world.Nodes[1].Kernel.Accepts(1) && !world.Nodes[0].Kernel.Accepts(1), $"seed {seed}");
            Assert.Equal(TimeSpan.Zero, world.Judge.NoOwnerLongest(1));

            faults.Kill(world.Nodes[1], guard: true, TimeSpan.FromSeconds(10));
            world.Run(TimeSpan.FromMilliseconds(100));

            Assert.Null(world.Violation);
            Assert.True(world.Nodes[0].Kernel.Accepts(1), $"seed {seed}");
        }
    }

    [Fact]
    public void Taken_from_its_owner_it_goes_to_the_node_that_still_has_it_without_a_gap()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            SimulatedWorld world = Started(seed, 2, without: null);
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(1));
            world.Judge.Measure();

            new Faults(world).ReloadVip(owner, 1, gone: true);
            world.Run(TimeSpan.FromSeconds(1));

            Assert.Null(world.Violation);
            Assert.True(!owner.Kernel.Accepts(1) && owner.Process!.Ownership.HasGone(1), $"seed {seed}");
            Assert.Equal(1, world.Judge.Owners(1));
            Assert.True(world.Judge.NoOwnerLongest(1) < TimeSpan.FromMilliseconds(5), $"seed {seed}: {world.Judge.NoOwnerLongest(1)}");
        }
    }

    [Fact]
    public void Taken_from_the_one_that_does_not_own_it_first_nothing_moves_and_in_the_end_nobody_has_it()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            SimulatedWorld world = Started(seed, 2, without: null);
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(1));
            SimulatedNode other = world.Nodes.Single(node => node != owner);
            Faults faults = new(world);
            world.Judge.Measure();

            faults.ReloadVip(other, 1, gone: true);
            world.Run(TimeSpan.FromSeconds(3));
            Assert.Null(world.Violation);
            Assert.True(owner.Kernel.Accepts(1), $"seed {seed}");
            Assert.Equal(TimeSpan.Zero, world.Judge.NoOwnerLongest(1));

            faults.ReloadVip(owner, 1, gone: true);
            world.Run(TimeSpan.FromSeconds(1));

            Assert.Null(world.Violation);
            Assert.Equal(0, world.Judge.Owners(1));
            Assert.All(world.Nodes, node => Assert.True(node.Process!.Ownership.HasGone(1)));
            Assert.Equal(1, world.Judge.Owners(0));
        }
    }

    [Fact]
    public void One_that_comes_back_is_acquired_again()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            SimulatedWorld world = Started(seed, 2, without: null);
            Faults faults = new(world);
            foreach (SimulatedNode node in world.Nodes) { faults.ReloadVip(node, 1, gone: true); }
            world.Run(TimeSpan.FromSeconds(1));
            Assert.Equal(0, world.Judge.Owners(1));

            foreach (SimulatedNode node in world.Nodes) { faults.ReloadVip(node, 1, gone: false); }
            world.Run(TimeSpan.FromSeconds(1));

            Assert.Null(world.Violation);
            Assert.Equal(1, world.Judge.Owners(1));
        }
    }

    [Fact]
    public void A_node_that_gets_it_when_it_is_alone_counts_on_from_what_it_heard_while_it_did_not_have_it()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            SimulatedWorld world = Started(seed, 2, without: 1);
            Faults faults = new(world);
            faults.ReloadVip(world.Nodes[1], 1, gone: false);
            world.Run(TimeSpan.FromSeconds(1));
            CutOff(world);

            faults.ReloadVip(world.Nodes[0], 1, gone: false);
            world.Run(TimeSpan.FromSeconds(2));

            Assert.Null(world.Violation);       // the judge compares the epoch that it takes
            Assert.Equal(2, world.Judge.Owners(1));
        }
    }

    private static void CutOff(SimulatedWorld world)
    {
        NodeId one = new(1), other = new(2);
        world.Wire.Cut(one, other, true);
        world.Wire.Cut(other, one, true);
        world.Service.Cut(one, other, true);
        world.Service.Cut(other, one, true);
    }

    /// <summary>Two VIPs; one of them is in no node's file.</summary>
    private static SimulatedWorld Started(int seed, int nodes, int? without)
    {
        SimulatedWorld world = new(seed, SimulationPlan.Plain(nodes, Lease, vips: 2));
        Faults faults = new(world);
        foreach (SimulatedNode node in world.Nodes.Where(_ => without is not null)) { faults.ReloadVip(node, without!.Value, gone: true); }
        world.StartAll();
        world.Run(TimeSpan.FromSeconds(2));
        world.Judge.Measure();
        return world;
    }
}
