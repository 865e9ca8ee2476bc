using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>
/// Looks at the kernels after every event. Two that accept traffic for one VIP are wrong in one connected service network, and with three
/// and more nodes everywhere. Two nodes that were split in both networks have so long after the heal to become one.
/// </summary>
internal sealed class OwnerJudge
{
    private static readonly TimeSpan AfterHeal = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ClaimLongest = TimeSpan.FromMilliseconds(66);

    private readonly SimulatedWorld _world;
    private readonly Pair[] _pairs;
    private readonly List<(SimulatedProcess Owner, uint Epoch)>[] _epochs;
    private readonly TimeSpan[] _noOwnerSince;
    private readonly TimeSpan[] _noOwnerLongest;
    private readonly bool[] _without;
    private TimeSpan _quietFrom = TimeSpan.MaxValue;
    private TimeSpan _gapLimit;
    private TimeSpan _disturbedAt;
    private readonly TimeSpan[] _desertedSince;

    /// <summary>By VIP, a bit for each node whose kernel accepts its traffic: what all below look at after every event.</summary>
    private readonly int[] _accepting;

    internal OwnerJudge(SimulatedWorld world)
    {
        _world = world;
        int vips = world.Model.Vips.Length;
        _pairs = [.. from vip in Enumerable.Range(0, vips) from one in world.Nodes from other in world.Nodes where one.Id < other.Id select new Pair(vip, one, other)];
        _epochs = [.. Enumerable.Range(0, vips).Select(_ => new List<(SimulatedProcess, uint)>())];
        _noOwnerSince = new TimeSpan[vips];
        _noOwnerLongest = new TimeSpan[vips];
        _without = new bool[vips];
        _accepting = new int[vips];
        _desertedSince = new TimeSpan[vips * world.Nodes.Length];
    }

    internal long AcquiredTotal { get; private set; }

    /// <summary>Longest time without an owner since <see cref="Measure"/>, of that VIP.</summary>
    internal TimeSpan NoOwnerLongest(int vip) => _noOwnerLongest[vip];

    internal void Measure() => Array.Clear(_noOwnerLongest);

    /// <summary>From then on every VIP has one owner, but for gaps of this length.</summary>
    internal void ExpectOwners(TimeSpan from, TimeSpan gapLimit) => (_quietFrom, _gapLimit) = (from, gapLimit);

    internal void ExpectNothing() => _quietFrom = TimeSpan.MaxValue;

    internal int Owners(int vip)
    {
        int owners = 0;
        foreach (SimulatedNode node in _world.Nodes) { owners += node.Kernel.Accepts(vip) ? 1 : 0; }
        return owners;
    }

    internal void Acquired(SimulatedProcess process, int vip, uint epoch)
    {
        AcquiredTotal++;
        if (epoch <= process.EpochHeard(vip)) { _world.Fail($"lb{process.Node.Id} takes epoch {epoch} for vip {vip} after it has heard of {process.EpochHeard(vip)}"); }
        foreach ((SimulatedProcess owner, uint taken) in _epochs[vip])
        {
            // An earlier life of the same node is forgotten where nobody is there to tell of it.
            if (taken == epoch && (owner == process || owner.Node != process.Node)) { _world.Fail($"lb{process.Node.Id} takes epoch {epoch} for vip {vip}, which lb{owner.Node.Id} had"); }
        }
        _epochs[vip].Add((process, epoch));
    }

    internal string? Violation()
    {
        for (int vip = 0; vip < _accepting.Length; vip++)
        {
            _accepting[vip] = 0;
            foreach (SimulatedNode node in _world.Nodes) { _accepting[vip] |= node.Kernel.Accepts(vip) ? Bit(node) : 0; }
        }
        foreach (Pair pair in _pairs)
        {
            if (Judge(pair) is { } wrong) { return wrong; }
        }
        return LongGap() ?? Deserted();
    }

    /// <summary>Something began or ended that parts of the cluster need time to get over.</summary>
    internal void Disturbed() => _disturbedAt = _world.Time.Now;

    /// <summary>Also while something lasts: whoever may serve in a part of the network, does.</summary>
    private string? Deserted()
    {
        if (!_world.Plan.IsCalm || _world.Time.Now - _disturbedAt < Bounds.AfterChange) { return null; }
        for (int vip = 0; vip < _noOwnerSince.Length; vip++)
        {
            foreach (SimulatedNode node in _world.Nodes)
            {
                if (_world.Nodes.Length > 2 && Accepts(node, vip) && !HasMajority(node))
                {
                    return $"lb{node.Id} owns vip {vip} without a majority, and nothing has changed since {_disturbedAt.TotalMilliseconds:0} ms";
                }
                ref TimeSpan since = ref _desertedSince[((int)node.Id.Value - 1) + (vip * _world.Nodes.Length)];
                // Who meets another host's answer leaves the VIP alone for a second.
                if (Served(node, vip) || !MayServe(node, vip) || _world.Service.HasForeignSince(vip, Bounds.AfterChange)) { since = _world.Time.Now; }
                since = Later(since, _disturbedAt + Bounds.AfterChange);
                if (_world.Time.Now - since > Bounds.Gap(_world.Plan))
                {
                    return $"lb{node.Id} may serve vip {vip}, nobody does where it is, and nothing has changed since {_disturbedAt.TotalMilliseconds:0} ms";
                }
            }
        }
        return null;
    }

    /// <summary>Where this node is somebody serves, or who does stands on the word of a node that this one needs, too.</summary>
    private bool Served(SimulatedNode node, int vip)
    {
        if (Accepts(node, vip)) { return true; }
        foreach (SimulatedNode other in _world.Nodes)
        {
            if (Accepts(other, vip) && (_world.Service.Connects(node.Id, other.Id) || Agree(node, other) || ShareVoter(node, other))) { return true; }
        }
        return false;
    }

    /// <summary>
    /// Both hear a third node, though not each other, as after a cut between two of three. Any two majorities have a node in common, and it gives its word to one
    /// owner, so the other one rightly waits; where all hear each other who hear anybody, this adds nothing.
    /// </summary>
    private bool ShareVoter(SimulatedNode one, SimulatedNode other)
    {
        foreach (SimulatedNode voter in _world.Nodes)
        {
            if (voter != one && voter != other && Agree(one, voter) && Agree(other, voter) && Runs(one) && Runs(other)) { return true; }
        }
        return false;
    }

    private bool Accepts(SimulatedNode node, int vip) => (_accepting[vip] & Bit(node)) != 0;

    private static int Bit(SimulatedNode node) => 1 << (int)node.Id.Value;

    /// <summary>It runs, is fit, and has a majority, or is one of two.</summary>
    private bool MayServe(SimulatedNode node, int vip) =>
        Runs(node) && !node.Model.Vips[vip].IsGone && _world.FitnessOf(node, vip) is { Serving: true, LinkUp: true }
        && (_world.Nodes.Length == 2 || HasMajority(node));

    private bool HasMajority(SimulatedNode node)
    {
        int votes = Runs(node) ? 1 : 0;
        foreach (SimulatedNode other in _world.Nodes) { votes += other != node && Agree(node, other) ? 1 : 0; }
        return votes * 2 > _world.Nodes.Length;
    }

    /// <summary>They hear each other by the cluster's network.</summary>
    private bool Agree(SimulatedNode node, SimulatedNode other) =>
        Runs(other) && !_world.Wire.IsCut(node.Id, other.Id) && !_world.Wire.IsCut(other.Id, node.Id);

    private bool Runs(SimulatedNode node) =>
        node.Process is { IsPaused: false, IsLeaving: false, HasEngine: true } && !_world.Wire.IsFrozen(node.Id);

    private string? Judge(Pair pair)
    {
        if (!Accepts(pair.One, pair.Vip) || !Accepts(pair.Other, pair.Vip))
        {
            pair.Split = false;
            return null;
        }
        bool connected = _world.Service.Connects(pair.One.Id, pair.Other.Id);
        if (_world.Nodes.Length > 2) { return $"two owners of vip {pair.Vip}: lb{pair.One.Id} and lb{pair.Other.Id}, of three nodes"; }
        // Who probed while the networks were split and arms while they heal has also become owner in the split.
        if (!connected || (!pair.Split && _world.Time.Now - _world.Service.HealedAt < ClaimLongest))
        {
            (pair.Split, pair.HealedAt) = (true, TimeSpan.MaxValue);
            return null;
        }
        if (!pair.Split) { return $"two owners of vip {pair.Vip}: lb{pair.One.Id} and lb{pair.Other.Id} in one service network"; }
        if (pair.HealedAt == TimeSpan.MaxValue) { pair.HealedAt = _world.Time.Now; }
        TimeSpan awake = Later(pair.One.Process?.PausedLast ?? default, pair.Other.Process?.PausedLast ?? default);
        return _world.Time.Now > Later(pair.HealedAt, awake) + AfterHeal ? $"still two owners of vip {pair.Vip} {(_world.Time.Now - pair.HealedAt).TotalMilliseconds:0} ms after the heal" : null;
    }

    private string? LongGap()
    {
        for (int vip = 0; vip < _noOwnerSince.Length; vip++)
        {
            if (!_world.HasVip(vip))
            {
                if (Owners(vip) > 0 && _world.Time.Now > _quietFrom) { return $"vip {vip} is in no file and has an owner"; }
                (_without[vip], _noOwnerSince[vip]) = (false, _world.Time.Now);
                continue;
            }
            if (_accepting[vip] != 0)
            {
                if (_without[vip]) { _noOwnerLongest[vip] = Later(_noOwnerLongest[vip], _world.Time.Now - _noOwnerSince[vip]); }
                _without[vip] = false;
                _noOwnerSince[vip] = _world.Time.Now;
                continue;
            }
            if (!_without[vip])
            {
                _without[vip] = true;
                foreach (SimulatedNode node in _world.Nodes) { _noOwnerSince[vip] = node.IsUp ? Later(_noOwnerSince[vip], node.Kernel.AcceptedUntil(vip)) : _world.Time.Now; }
            }
            TimeSpan gap = _world.Time.Now - _noOwnerSince[vip];
            _noOwnerLongest[vip] = Later(_noOwnerLongest[vip], gap);
            if (_world.Time.Now - Later(_noOwnerSince[vip], _quietFrom == TimeSpan.MaxValue ? _world.Time.Now : _quietFrom) > _gapLimit && _world.Time.Now > _quietFrom)
            {
                return $"vip {vip} has had no owner for {gap.TotalMilliseconds:0} ms though nothing is wrong";
            }
        }
        return null;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed record Pair(int Vip, SimulatedNode One, SimulatedNode Other)
    {
        internal bool Split { get; set; }
        internal TimeSpan HealedAt { get; set; } = TimeSpan.MaxValue;
    }
}
