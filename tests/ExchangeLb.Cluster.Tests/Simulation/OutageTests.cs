using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>How long a VIP has no owner when one thing goes wrong: median and worst of many seeds, printed, and held to a bound.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const int Trials = 100;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(400, 2, 440, 470)]
    [InlineData(60, 2, 95, 110)]
    [InlineData(600, 3, 680, 740)]
    public void Owner_dies_with_its_node(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (faults, owner, _) => faults.Crash(owner, Long));

    [Theory]
    [InlineData(400, 2, 40, 60)]
    [InlineData(60, 2, 40, 60)]
    [InlineData(600, 3, 60, 100)]
    public void Owners_balancer_is_killed_and_the_guard_lives(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (faults, owner, _) => faults.Kill(owner, guard: true, Long));

    [Theory]
    [InlineData(400, 2, 440, 470)]
    [InlineData(60, 2, 95, 110)]
    public void Owners_balancer_and_guard_are_killed(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (faults, owner, _) => faults.Kill(owner, guard: false, Long));

    [Theory]
    [InlineData(400, 2, 120, 130)]
    [InlineData(60, 2, 60, 80)]
    public void Owner_is_frozen_for_five_seconds(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (faults, owner, _) => faults.Freeze(owner, Long));

    [Theory]
    [InlineData(400, 2, 3, 5)]
    [InlineData(60, 2, 3, 5)]
    [InlineData(600, 3, 3, 5)]
    public void Owner_is_told_to_hand_over(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (faults, owner, _) => faults.HandOver(owner));

    [Theory]
    [InlineData(400, 2, 3, 5)]
    [InlineData(60, 2, 3, 5)]
    public void Owner_ends_in_order(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (faults, owner, _) => faults.Leave(owner, Long));

    [Theory]
    [InlineData(400, 2, 5, 8)]
    [InlineData(60, 2, 5, 8)]
    public void Owners_link_loses_its_carrier(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (faults, owner, _) => faults.CutService(owner, Long, both: true, carrier: false));

    [Theory]
    [InlineData(400, 2, 15, 20)]
    [InlineData(60, 2, 15, 20)]
    public void Owners_rules_are_flushed_and_the_kernels_edge_says_so(int lease, int nodes, int median, int worst) =>
        Hold(lease, nodes, median, worst, (_, owner, _) =>
        {
            owner.Kernel.Flush();
            owner.Process!.Do(process => process.Ownership.RulesFlushed());
        });

    [Theory]
    [InlineData(400, 2)]
    public void Owner_notices_nothing_of_what_happens_to_its_peer(int lease, int nodes)
    {
        Hold(lease, nodes, 0, 0, (faults, _, peer) => faults.Crash(peer, Long));
        Hold(lease, nodes, 0, 0, (faults, _, peer) => faults.Kill(peer, guard: true, Long / 4));
        Hold(lease, nodes, 0, 0, (faults, _, peer) => faults.Freeze(peer, Long));
        Hold(lease, nodes, 0, 0, (faults, _, peer) => faults.CutCluster(peer, Long / 4, both: true));
        Hold(lease, nodes, 0, 0, (faults, _, peer) => faults.RestartEngine(peer));
    }

    [Fact]
    public void Owner_notices_nothing_when_its_own_engine_is_killed() =>
        Hold(400, 2, 0, 0, (faults, owner, _) => faults.RestartEngine(owner));

    [Theory]
    [InlineData(400, 480, 500)]
    [InlineData(60, 140, 160)]
    public void A_node_that_starts_alone_serves_soon(int lease, int median, int worst)
    {
        double[] outages = [.. Enumerable.Range(1, Trials).Select(seed =>
        {
            SimulatedWorld world = NewWorld(seed, lease, 2);
            world.Nodes[0].StartProcess();
            world.Run(TimeSpan.FromSeconds(3));
            Assert.Null(world.Violation);
            Assert.True(world.Nodes[0].Kernel.Accepts(0), $"seed {seed}");
            return world.Judge.NoOwnerLongest(0).TotalMilliseconds;
        })];
        Judge($"alone at start, lease {lease}", outages, median, worst);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(60)]
    public void Halves_that_were_split_in_both_networks_serve_both_and_are_one_within_a_second(int lease)
    {
        double[] heals = [.. Enumerable.Range(1, Trials).Select(seed =>
        {
            SimulatedWorld world = NewWorld(seed, lease, 2);
            Faults faults = new(world);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(2));
            faults.Isolate(world.Nodes[0], TimeSpan.FromSeconds(2));
            world.Run(TimeSpan.FromSeconds(1.7));
            Assert.Equal(2, world.Judge.Owners(0));
            world.Judge.Measure();
            while (world.Judge.Owners(0) == 2 && world.Violation is null) { world.Time.RunNext(); }
            double healed = world.Service.HealedAt == default ? 0 : (world.Time.Now - world.Service.HealedAt).TotalMilliseconds;
            world.Run(TimeSpan.FromSeconds(2));
            Assert.Null(world.Violation);
            Assert.Equal(1, world.Judge.Owners(0));
            Assert.Equal(TimeSpan.Zero, world.Judge.NoOwnerLongest(0));
            return healed;
        })];
        Judge($"two owners after a heal, lease {lease}", heals, 400, 700);
    }

    private void Hold(int lease, int nodes, int median, int worst, Action<Faults, SimulatedNode, SimulatedNode> happens, [System.Runtime.CompilerServices.CallerMemberName] string what = "")
    {
        double[] outages = [.. Enumerable.Range(1, Trials).Select(seed =>
        {
            SimulatedWorld world = NewWorld(seed, lease, nodes);
            Faults faults = new(world);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(2) + WireNoise.Ms(world.Random.Next(100)));
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            world.Judge.Measure();
            world.Time.After(TimeSpan.Zero, () => happens(faults, owner, world.Nodes.First(node => node != owner)));
            world.Run(TimeSpan.FromSeconds(3));
            Assert.Null(world.Violation);
            Assert.True(world.Judge.Owners(0) == 1, $"seed {seed}: nobody owns it");
            return world.Judge.NoOwnerLongest(0).TotalMilliseconds;
        })];
        Judge($"{what}, lease {lease}, {nodes} nodes", outages, median, worst);
    }

    private void Judge(string what, double[] outages, int median, int worst)
    {
        Array.Sort(outages);
        output.WriteLine($"{what}: {outages[outages.Length / 2]:0.0} / {outages[^1]:0.0} ms");
        Assert.True(outages[outages.Length / 2] <= median && outages[^1] <= worst, $"{what}: {outages[outages.Length / 2]:0.0} / {outages[^1]:0.0} ms, bound {median} / {worst}");
    }

    private static SimulatedWorld NewWorld(int seed, int lease, int nodes)
    {
        Random random = new(seed);
        SimulationPlan plan = SimulationPlan.Plain(nodes, TimeSpan.FromMilliseconds(lease)) with
        {
            Rates = [.. Enumerable.Range(0, nodes).Select(_ => 1 + ((random.NextDouble() - 0.5) * 0.0099))],
        };
        return new(seed, plan);
    }
}
