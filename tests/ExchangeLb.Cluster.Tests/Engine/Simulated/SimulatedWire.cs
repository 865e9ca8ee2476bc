using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Engine.Simulated;

/// <summary>
/// The network between engines under virtual time. Weaker than Corosync where the port is: no order among senders, views change on one node
/// after another. Like Corosync, the loss of a node keeps the others' messages back until it is noticed.
/// </summary>
internal sealed class SimulatedWire(VirtualTime time, Random random, int votes)
{
    private readonly List<SimulatedEngine> _engines = [];
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];
    private readonly HashSet<NodeId> _frozen = [];
    private TimeSpan _keptBackUntil;

    internal VirtualTime Time => time;
    internal Random Random => random;
    internal WireNoise Noise { get; set; } = WireNoise.Calm;
    internal bool IsStalled { get; private set; }

    internal SimulatedEngine Create(NodeId node) => new(this, node);

    internal SimulatedEngine? Engine(NodeId node) => _engines.Find(engine => engine.Node == node);

    internal void Cut(NodeId from, NodeId to, bool cut)
    {
        if (cut ? _cut.Add((from, to)) : _cut.Remove((from, to))) { Changed(); }
    }

    internal bool IsCut(NodeId from, NodeId to) => _cut.Contains((from, to));

    /// <summary>The engine's own process stands still: it neither sends nor hears, and is taken for lost after a while.</summary>
    internal void Freeze(NodeId node, bool frozen)
    {
        if (!(frozen ? _frozen.Add(node) : _frozen.Remove(node))) { return; }
        Changed();
        if (!frozen) { Engine(node)?.Thawed(); }
    }

    internal bool IsFrozen(NodeId node) => _frozen.Contains(node);

    /// <summary>Ends the node's engine without a farewell.</summary>
    internal void Crash(NodeId node)
    {
        Engine(node)?.Die();
        Changed();
    }

    internal void Stall(bool stalled)
    {
        IsStalled = stalled;
        if (stalled) { return; }
        foreach (SimulatedEngine engine in _engines.ToArray()) { engine.Flush(); }
    }

    internal QuorumVerdict Verdict(int members) => members * 2 > votes || votes == 2 ? QuorumVerdict.Quorate : QuorumVerdict.Inquorate;

    internal void Joined(SimulatedEngine engine)
    {
        _engines.Add(engine);
        Changed();
    }

    internal void Gone(SimulatedEngine engine)
    {
        _engines.Remove(engine);
        foreach (SimulatedEngine other in _engines)
        {
            if (other.Loses(engine)) { time.After(engine.Died ? Noise.LossDetected(random) : WireNoise.ExitDetected(random), () => other.Drop(engine)); }
        }
    }

    internal void Send(SimulatedEngine sender, byte[] payload)
    {
        foreach (SimulatedEngine receiver in _engines)
        {
            if (receiver == sender || IsCut(sender.Node, receiver.Node)) { continue; }
            if (Noise.Loss > 0 && random.NextDouble() < Noise.Loss) { continue; }
            Deliver(sender, receiver, payload);
            if (Noise.Duplicates > 0 && random.NextDouble() < Noise.Duplicates) { Deliver(sender, receiver, payload); }
        }
    }

    private void Deliver(SimulatedEngine sender, SimulatedEngine receiver, byte[] payload)
    {
        TimeSpan arrival = time.Now + Noise.Delay(random);
        if (arrival < _keptBackUntil) { arrival = _keptBackUntil; }
        if (arrival < sender.LastArrivalAt(receiver)) { arrival = sender.LastArrivalAt(receiver); }
        sender.SetLastArrival(receiver, arrival);
        long membership = receiver.MembershipOf(sender);
        time.At(arrival, () => receiver.Hear(sender, membership, payload));
    }

    private bool Connected(SimulatedEngine one, SimulatedEngine other) =>
        !IsCut(one.Node, other.Node) && !IsCut(other.Node, one.Node) && !IsFrozen(one.Node) && !IsFrozen(other.Node);

    private void Changed()
    {
        // Those who meet agree on it: all install the new view at about the same moment.
        TimeSpan join = WireNoise.Joined(random);
        foreach (SimulatedEngine engine in _engines)
        {
            foreach (SimulatedEngine other in _engines)
            {
                if (engine == other) { continue; }
                bool connected = Connected(engine, other);
                if (!engine.Notices(other, connected, out long change)) { continue; }
                TimeSpan delay = connected ? join + WireNoise.Ms(15 * random.NextDouble()) : Noise.LossDetected(random);
                if (!connected && _engines.Count > 2) { KeepBack(delay); }
                time.After(delay, () => engine.Apply(other, connected, change));
            }
        }
    }

    private void KeepBack(TimeSpan delay)
    {
        if (time.Now + delay > _keptBackUntil) { _keptBackUntil = time.Now + delay; }
    }
}
