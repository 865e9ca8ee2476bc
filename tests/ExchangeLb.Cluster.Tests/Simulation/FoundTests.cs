using System;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>What the simulation found, each as a story of its own; the list is in tests/simulation/README.md.</summary>
public sealed class FoundTests
{
    private static readonly NodeId A = new(1);
    private static readonly NodeId B = new(2);

    [Theory]
    [InlineData(400)]
    [InlineData(60)]
    public void Two_that_never_heard_each_other_agree_on_who_yields(int lease)
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = new(seed, SimulationPlan.Plain(2, TimeSpan.FromMilliseconds(lease)));
            Part(world, cluster: true, service: true);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(2));
            Assert.Equal(2, world.Judge.Owners(0));

            Part(world, cluster: true, service: false);
            world.Run(TimeSpan.FromSeconds(1));

            Assert.Null(world.Violation);
            Assert.True(world.Nodes[0].Kernel.Accepts(0) && !world.Nodes[1].Kernel.Accepts(0), $"seed {seed}");
        }
    }

    [Fact]
    public void An_owner_whose_peer_has_left_the_view_does_not_wait_for_its_next_renewal()
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            SimulatedWorld world = new(seed, SimulationPlan.Plain(2, TimeSpan.FromMilliseconds(400)));
            world.StartAll();
            world.Run(TimeSpan.FromMilliseconds(2000 + (seed % 50)));
            SimulatedNode peer = world.Nodes.Single(node => !node.Kernel.Accepts(0));
            world.Judge.Measure();

            world.Time.After(TimeSpan.Zero, peer.Crash);
            world.Run(TimeSpan.FromSeconds(1));

            Assert.True(world.Judge.NoOwnerLongest(0) == TimeSpan.Zero, $"seed {seed}");
        }
    }

    [Fact]
    public void Grants_that_cross_a_hand_over_do_not_make_the_target_start_from_the_beginning()
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            SimulationPlan plan = SimulationPlan.Plain(2, TimeSpan.FromMilliseconds(60));
            SimulatedWorld world = new(seed, plan);
            world.StartAll();
            world.Run(TimeSpan.FromMilliseconds(1000 + (seed % 8)));
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            world.Judge.Measure();

            world.Time.After(TimeSpan.Zero, () => new Faults(world).HandOver(owner));
            world.Run(TimeSpan.FromSeconds(1));

            Assert.False(owner.Kernel.Accepts(0));
            Assert.True(world.Judge.NoOwnerLongest(0) < TimeSpan.FromMilliseconds(3), $"seed {seed}: {world.Judge.NoOwnerLongest(0)}");
        }
    }

    [Theory]
    [InlineData(400)]
    [InlineData(60)]
    public void A_node_that_comes_back_with_an_earlier_clock_is_heard_and_serves_as_soon_as_any(int lease)
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = new(seed, SimulationPlan.Plain(2, TimeSpan.FromMilliseconds(lease)));
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(2));
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            SimulatedNode reborn = world.Nodes.Single(node => node != owner);
            world.Time.After(TimeSpan.Zero, reborn.Crash);
            world.Time.After(TimeSpan.FromSeconds(1), reborn.ForgetTime);
            world.Time.After(TimeSpan.FromSeconds(1), reborn.PowerOn);
            world.Run(TimeSpan.FromSeconds(3));
            Assert.Equal(reborn.Process!.Incarnation, owner.Process!.HeardIncarnation(reborn.Id));
            Assert.False(owner.Process!.Ownership[0].Solo, $"seed {seed}: the owner goes on without grants");

            // With a short lease it may have it already.
            if (!reborn.Kernel.Accepts(0)) { world.Time.After(TimeSpan.Zero, () => new Faults(world).HandOver(owner)); }
            world.Run(TimeSpan.FromSeconds(1));

            Assert.Null(world.Violation);
            Assert.True(reborn.Kernel.Accepts(0), $"seed {seed}");
            Assert.False(reborn.Process!.Ownership[0].Solo, $"seed {seed}: it gets no grants");
        }
    }

    /// <summary>Of three nodes two had two VIPs: each answer to a probe was a turn, and each turn probed again. The world counts events of one moment, too.</summary>
    [Fact]
    public void An_answer_to_a_probe_does_not_probe_again() => Assert.Null(Simulation.Run(3580));

    /// <summary>Of three nodes two lose each other, and the third one hears both. Its word binds it to one; the other one waits, however long that lasts.</summary>
    [Fact]
    public void One_of_two_that_a_third_node_hears_both_is_owner_and_the_other_one_waits()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            SimulatedWorld world = new(seed, SimulationPlan.Plain(3, TimeSpan.FromMilliseconds(600)));
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(2));
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            SimulatedNode waits = world.Nodes[world.Random.Next(2) == 0 ? ((int)owner.Id.Value) % 3 : ((int)owner.Id.Value + 1) % 3];

            world.Judge.Disturbed();
            Part(world, owner.Id, waits.Id, cluster: true, service: true);
            world.Run(TimeSpan.FromSeconds(5));

            Assert.Null(world.Violation);
            Assert.Equal(1, world.Judge.Owners(0));
            Assert.Contains(world.Nodes.Where(node => node != owner && node != waits), node => node.Process!.Ownership[0].Owner is not null);
        }
    }

    [Theory]
    [InlineData(nameof(Mutation.None))]
    [InlineData(nameof(Mutation.LeaseNeverEnds))]
    public void Of_three_that_hear_nobody_none_is_owner(string mutation)
    {
        Mutation broken = Enum.Parse<Mutation>(mutation);
        SimulatedWorld world = new(1, SimulationPlan.Plain(3, TimeSpan.FromMilliseconds(600)), broken);
        world.StartAll();
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(1, world.Judge.Owners(0));

        world.Judge.Disturbed();
        foreach (SimulatedNode node in world.Nodes)
        {
            foreach (SimulatedNode other in world.Nodes.Where(other => other != node)) { Part(world, node.Id, other.Id, cluster: true, service: true); }
        }
        world.Nodes.Single(node => node.Kernel.Accepts(0)).KillProcess(guard: false);
        world.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(broken == Mutation.None ? 0 : 1, world.Judge.Owners(0));
        Assert.Equal(broken != Mutation.None, world.Violation?.Contains("without a majority", StringComparison.Ordinal) == true);
    }

    private static void Part(SimulatedWorld world, bool cluster, bool service) => Part(world, A, B, cluster, service);

    private static void Part(SimulatedWorld world, NodeId one, NodeId other, bool cluster, bool service)
    {
        world.Wire.Cut(one, other, cluster);
        world.Wire.Cut(other, one, cluster);
        world.Service.Cut(one, other, service);
        world.Service.Cut(other, one, service);
    }
}
