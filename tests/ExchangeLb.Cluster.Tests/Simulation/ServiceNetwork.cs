using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Tests.Engine.Simulated;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>The network of the VIPs, without its clients: probes, their answers and announcements, each up to 2.5 ms under way.</summary>
internal sealed class ServiceNetwork(SimulatedWorld world)
{
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];
    private readonly HashSet<(NodeId From, int Vip)> _lostLast = [];
    private readonly Dictionary<int, (TimeSpan From, TimeSpan To)> _foreign = [];

    /// <summary>Of the host that is no node.</summary>
    internal const ulong ForeignHardware = 0x0200_0000_00ff;

    /// <summary>Share of the probes that are lost, never two in a row of one asker.</summary>
    internal double Loss { get; set; }

    internal void Cut(NodeId from, NodeId to, bool cut)
    {
        if (cut) { _cut.Add((from, to)); }
        else if (_cut.Remove((from, to))) { HealedAt = world.Time.Now; }
    }

    /// <summary>When any cut ended last.</summary>
    internal TimeSpan HealedAt { get; private set; }

    internal bool Connects(NodeId one, NodeId other) => _cut.Count == 0 || (!_cut.Contains((one, other)) && !_cut.Contains((other, one)));

    /// <summary>A host that is no node uses the VIP: it announces itself once a second, and answers who asks.</summary>
    internal void UseElsewhere(int vip, TimeSpan length)
    {
        _foreign[vip] = (world.Time.Now, world.Time.Now + length);
        AnnounceElsewhere(vip, _foreign[vip].To);
    }

    internal bool HadForeign(int vip) => _foreign.ContainsKey(vip);

    /// <summary>There is one, or was a moment ago.</summary>
    internal bool HasForeignSince(int vip, TimeSpan ago) => _foreign.TryGetValue(vip, out (TimeSpan From, TimeSpan To) use) && world.Time.Now - ago < use.To;

    /// <summary>Since so long somebody else uses it.</summary>
    internal TimeSpan ForeignFor(int vip) => IsForeign(vip) ? world.Time.Now - _foreign[vip].From : TimeSpan.Zero;

    internal bool ReachesForeign(NodeId node) => world.Nodes.Any(other => other.Id != node && Connects(node, other.Id));

    internal void Probe(SimulatedProcess asker, int vip)
    {
        if (Loss > 0 && world.Random.NextDouble() < Loss && _lostLast.Add((asker.Node.Id, vip))) { return; }
        _lostLast.Remove((asker.Node.Id, vip));
        Elsewhere(asker.Node, 2, () => { if (IsForeign(vip)) { asker.Arrive(new ProbeAnswer(vip, null)); } });
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

    private bool IsForeign(int vip) => _foreign.TryGetValue(vip, out (TimeSpan From, TimeSpan To) use) && world.Time.Now < use.To;

    private void AnnounceElsewhere(int vip, TimeSpan until)
    {
        if (world.Time.Now >= until) { return; }
        foreach (SimulatedNode node in world.Nodes) { Elsewhere(node, 1, () => node.Process?.Arrive(new ProbeAnswer(vip, null))); }
        world.Time.After(TimeSpan.FromSeconds(1), () => AnnounceElsewhere(vip, until));
    }

    private void Elsewhere(SimulatedNode node, int ways, Action arrive) =>
        world.Time.After(WireNoise.Ms(ways * (0.05 + (2.4 * world.Random.NextDouble()))), () =>
        {
            if (node.IsUp && ReachesForeign(node.Id)) { arrive(); }
        });

    private void Carry(SimulatedNode from, SimulatedNode to, Action arrive)
    {
        world.Time.After(WireNoise.Ms(0.05 + (2.4 * world.Random.NextDouble())), () =>
        {
            if (from.IsUp && to.IsUp && !_cut.Contains((from.Id, to.Id))) { arrive(); }
        });
    }
}
