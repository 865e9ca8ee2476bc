using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Engine;

/// <summary>One life of a node in an <see cref="InMemoryCluster"/>, which decides what happens when.</summary>
internal sealed class InMemoryEngine(InMemoryCluster cluster, NodeId node) : IClusterEngine
{
    private const int QueueLimit = 100;

    private readonly Queue<byte[]> _unsent = [];
    private readonly Queue<(InMemoryEngine Sender, byte[] Payload)> _unheard = [];
    private InMemoryEngine[] _members = [];
    private IEngineObserver? _observer;
    private bool _left;
    private long _epoch;
    private long _sentTotal;
    private long _refusedTotal;
    private long _receivedTotal;

    public int PayloadMaxBytes => 16 * 1024;

    public EngineCounters Counters => new(_sentTotal, _refusedTotal, _receivedTotal, _epoch);

    internal NodeId Node => node;
    internal bool HasUnsent => _unsent.Count > 0;
    internal bool HasUnheard => _unheard.Count > 0;

    public void Start(IEngineObserver observer)
    {
        if (_observer is not null || _left) { throw new InvalidOperationException("An engine is started once."); }
        _observer = observer;
        cluster.Joined(this);
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
        _unsent.Enqueue(payload.ToArray());
        return result;
    }

    public void Dispose()
    {
        _left = true;
        cluster.Gone(this);
    }

    internal bool Differs(InMemoryEngine[] reached) => !_members.SequenceEqual(reached);

    internal void Install(InMemoryEngine[] members, bool quorate)
    {
        _members = members;
        _epoch++;
        _observer!.ViewChanged(new ClusterView(_epoch, node, [.. members.Select(member => member.Node)], quorate ? QuorumVerdict.Quorate : QuorumVerdict.Inquorate));
    }

    internal void SendOne(InMemoryEngine[] reached)
    {
        byte[] payload = _unsent.Dequeue();
        foreach (InMemoryEngine receiver in reached.Where(receiver => receiver != this)) { receiver._unheard.Enqueue((this, payload)); }
    }

    /// <summary>What a sender sent before this node dropped it is dropped with it, even if another life of it is a member now.</summary>
    internal void HearOne()
    {
        (InMemoryEngine sender, byte[] payload) = _unheard.Dequeue();
        if (!_members.Contains(sender)) { return; }
        _receivedTotal++;
        _observer!.MessageArrived(sender.Node, payload);
    }
}
