using System;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>What a world is like before anything happens in it.</summary>
/// <param name="Rates">Of each node's clock; 1 % apart at most.</param>
/// <param name="Redundant">The engines use the service network, too: only the loss of both networks parts them.</param>
internal sealed record SimulationPlan(ClusterModel Model, WireNoise Noise, double FrameLoss, ImmutableArray<double> Rates, bool Redundant)
{
    internal static SimulationPlan Plain(int nodes, TimeSpan lease, int vips = 1) => new(
        NewModel(nodes, vips, lease, node => 100 - node, _ => [], null),
        WireNoise.Calm with { Detection = DetectionOf(ClusterTimings.For(lease, nodes)) }, 0, [.. Enumerable.Repeat(1.0, nodes)], false);

    internal static SimulationPlan Draw(Random random)
    {
        int nodes = random.Next(10) < 7 ? 2 : 3;
        TimeSpan lease = TimeSpan.FromMilliseconds(random.Next(10) < 3 ? 60 : nodes == 3 && random.Next(2) == 0 ? 600 : 400);
        TimeSpan? preempt = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(2) * 500) : null;
        int[] priorities = [.. Enumerable.Range(0, nodes).Select(_ => random.Next(3) * 50)];
        ClusterModel model = NewModel(
            nodes, random.Next(1, 4), lease, node => priorities[node], _ => random.Next(3) == 0 ? [$"lb{random.Next(nodes) + 1}"] : [], preempt);
        WireNoise noise = WireNoise.Calm with { Detection = DetectionOf(model.Timings) };
        double frameLoss = 0;
        switch (random.Next(6))
        {
            case 0: noise = noise with { Tail = 0.03 }; break;
            case 1: noise = noise with { Loss = 0.05, Duplicates = 0.05 }; break;
            case 2: (noise, frameLoss) = (noise with { Loss = 0.01, Tail = 0.02, Duplicates = 0.02 }, 0.1); break;
        }
        ImmutableArray<double> rates = [.. Enumerable.Range(0, nodes).Select(_ => 1 + ((random.NextDouble() - 0.5) * 0.0099))];
        return new(model, noise, frameLoss, rates, random.Next(2) == 0);
    }

    /// <summary>Neither loss nor tails: bounds hold.</summary>
    internal bool IsCalm => Noise.Loss == 0 && Noise.Tail == 0 && FrameLoss == 0;

    private static double DetectionOf(ClusterTimings timings) => (timings.Token + timings.Consensus).TotalMilliseconds;

    private static ClusterModel NewModel(
        int nodes, int vips, TimeSpan lease, Func<int, int> priority, Func<int, ImmutableArray<string>> prefer, TimeSpan? preempt) =>
        new(SimulatedWorld.ClusterName,
            [.. Enumerable.Range(0, nodes).Select(node => new ClusterNodeModel((uint)node + 1, $"lb{node + 1}", [IPAddress.Parse($"192.168.200.{21 + node}")], priority(node)))],
            [.. Enumerable.Range(0, vips).Select(vip => new VipModel(IPAddress.Parse($"192.168.200.{100 + vip}"), 24, "eth0", prefer(vip)))])
        {
            Timings = ClusterTimings.For(lease, nodes),
            PreemptDelay = preempt,
        };
}
