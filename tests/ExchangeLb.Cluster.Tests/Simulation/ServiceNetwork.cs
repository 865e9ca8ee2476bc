using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Tests.Engine.Simulated;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>The network of the VIPs, without its clients: probes, their answers and announcements, each up to 2.5 ms under way.</summary>
internal sealed class ServiceNetwork(SimulatedWorld world)
{
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];
    private readonly HashSet<(NodeId From, int Vip)> _lostLast = [];

    /// <summary>Share of the probes that are lost, never two in a row of one asker.</summary>
    internal double Loss { get; set; }

    internal void Cut(NodeId from, NodeId to, bool cut)
    {
        if (cut) { _cut.Add((from, to)); }
        else if (_cut.Remove((from, to))) { HealedAt = world.Time.Now; }
    }

    /// <summary>When any cut ended last.</summary>
    internal TimeSpan HealedAt { get; private set; }

    internal bool Connects(NodeId one, NodeId other) => !_cut.Contains((one, other)) && !_cut.Contains((other, one));

    internal void Probe(SimulatedProcess asker, int vip)
    {
        if (Loss > 0 && world.Random.NextDouble() < Loss && _lostLast.Add((asker.Node.Id, vip))) { return; }
        _lostLast.Remove((asker.Node.Id, vip));
        foreach (SimulatedNode other in world.Nodes)
        {
            if (other == asker.Node) { continue; }
            Carry(asker.Node, other, () =>
            {
                if (!other.Kernel.AnswersProbe(vip)) { return; }
                Carry(other, asker.Node, () => asker.Arrive(new ProbeAnswer(vip, other.Id)));
            });
        }
    }

    internal void PeerProbe(SimulatedProcess asker, NodeId peer)
    {
        SimulatedNode other = world.Node(peer);
        Carry(asker.Node, other, () => Carry(other, asker.Node, () => asker.Arrive(new PeerAnswer(peer))));
    }

    internal void Announce(SimulatedProcess owner, int vip)
    {
        foreach (SimulatedNode other in world.Nodes)
        {
            if (other == owner.Node || !owner.Node.Kernel.Accepts(vip)) { continue; }
            Carry(owner.Node, other, () => other.Process?.Arrive(new ProbeAnswer(vip, owner.Node.Id)));
        }
    }

    private void Carry(SimulatedNode from, SimulatedNode to, Action arrive)
    {
        world.Time.After(WireNoise.Ms(0.05 + (2.4 * world.Random.NextDouble())), () =>
        {
            if (from.IsUp && to.IsUp && !_cut.Contains((from.Id, to.Id))) { arrive(); }
        });
    }
}
