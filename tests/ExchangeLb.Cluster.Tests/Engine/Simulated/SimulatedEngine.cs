using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Engine.Simulated;

/// <summary>One life of a node's engine on a <see cref="SimulatedWire"/>, which decides what happens when.</summary>
internal sealed class SimulatedEngine(SimulatedWire wire, NodeId node) : IClusterEngine
{
    private const int QueueLimit = 100;

    private readonly Queue<byte[]> _unsent = [];
    private readonly Queue<(SimulatedEngine Sender, long Membership, byte[] Payload)> _unheard = [];
    private readonly List<SimulatedEngine> _members = [];
    private readonly Dictionary<SimulatedEngine, Tie> _ties = [];
    private IEngineObserver? _observer;
    private bool _left;
    private long _epoch;
    private long _sentTotal;
    private long _refusedTotal;
    private long _receivedTotal;

    public int PayloadMaxBytes => 16 * 1024;

    public EngineCounters Counters => new(_sentTotal, _refusedTotal, _receivedTotal, _epoch);

    internal NodeId Node => node;
    internal bool Died { get; private set; }

    public void Start(IEngineObserver observer)
    {
        if (_observer is not null || _left) { throw new InvalidOperationException("An engine is started once."); }
        _observer = observer;
        _members.Add(this);
        wire.Time.After(WireNoise.Ms(1 + (20 * wire.Random.NextDouble())), () =>
        {
            if (_left) { return; }
            Install();
            wire.Joined(this);
        });
    }

    public SendResult Broadcast(ReadOnlySpan<byte> payload)
    {
        SendResult result = _left || _epoch == 0 ? SendResult.NotJoined
            : payload.Length > PayloadMaxBytes ? SendResult.TooLarge
            : _unsent.Count == QueueLimit ? SendResult.QueueFull
            : SendResult.Accepted;
        if (result != SendResult.Accepted)
        {
            _refusedTotal++;
            return result;
        }
        _sentTotal++;
        if (wire.IsStalled || wire.IsFrozen(node)) { _unsent.Enqueue(payload.ToArray()); }
        else { wire.Send(this, payload.ToArray()); }
        return result;
    }

    public void Dispose()
    {
        if (_left) { return; }
        _left = true;
        wire.Gone(this);
    }

    internal void Die()
    {
        Died = true;
        Dispose();
    }

    internal void Flush()
    {
        while (_unsent.TryDequeue(out byte[]? payload)) { wire.Send(this, payload); }
    }

    /// <summary>After a standstill: what came meanwhile is heard in the old view, then one's own exclusion is noticed.</summary>
    internal void Thawed()
    {
        Flush();
        while (_unheard.TryDequeue(out var heard)) { Hear(heard.Sender, heard.Membership, heard.Payload); }
        if (!_left && _ties.Values.Any(tie => tie.Excluded))
        {
            _members.RemoveAll(member => member != this);
            Install();
        }
    }

    internal TimeSpan LastArrivalAt(SimulatedEngine receiver) => TieWith(receiver).LastArrival;

    internal void SetLastArrival(SimulatedEngine receiver, TimeSpan at) => TieWith(receiver).LastArrival = at;

    internal long MembershipOf(SimulatedEngine other) => TieWith(other).Membership;

    internal bool Loses(SimulatedEngine other) => _ties.ContainsKey(other);

    internal bool Notices(SimulatedEngine other, bool connected, out long change)
    {
        Tie tie = TieWith(other);
        change = tie.Change;
        if (tie.Connected == connected) { return false; }
        tie.Connected = connected;
        change = ++tie.Change;
        return true;
    }

    internal void Apply(SimulatedEngine other, bool connected, long change)
    {
        if (_left || other._left || TieWith(other).Change != change) { return; }
        if (wire.IsFrozen(node))
        {
            TieWith(other).Excluded |= !connected;
            return;
        }
        TieWith(other).Excluded = false;
        if (!connected) { Drop(other); }
        else if (!_members.Contains(other))
        {
            if (_members.Find(member => member.Node == other.Node) is { } former) { Drop(former); }
            TieWith(other).Membership++;
            _members.Add(other);
            Install();
        }
    }

    internal void Drop(SimulatedEngine other)
    {
        if (_left || !_members.Remove(other)) { return; }
        if (_ties.TryGetValue(other, out Tie? tie)) { tie.Membership++; }
        if (other._left) { _ties.Remove(other); }
        Install();
    }

    /// <param name="membership">What a sender sent before this node dropped it is dropped with it.</param>
    internal void Hear(SimulatedEngine sender, long membership, byte[] payload)
    {
        if (_left || !_members.Contains(sender) || !_ties.TryGetValue(sender, out Tie? tie) || tie.Membership != membership) { return; }
        if (wire.IsFrozen(node))
        {
            _unheard.Enqueue((sender, membership, payload));
            return;
        }
        _receivedTotal++;
        _observer!.MessageArrived(sender.Node, payload);
    }

    private Tie TieWith(SimulatedEngine other)
    {
        if (!_ties.TryGetValue(other, out Tie? tie)) { _ties[other] = tie = new(); }
        return tie;
    }

    private void Install()
    {
        _epoch++;
        _observer!.ViewChanged(new ClusterView(_epoch, node, [.. _members.Select(member => member.Node).Order()], wire.Verdict(_members.Count)));
    }

    private sealed class Tie
    {
        internal bool Connected;
        internal bool Excluded;
        internal long Change;
        internal long Membership;
        internal TimeSpan LastArrival;
    }
}
