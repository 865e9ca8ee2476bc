using System;

namespace ExchangeLb.Cluster.Engine;

/// <summary>
/// The port to whatever knows who is in the cluster and carries messages between its nodes. What an adapter must keep is written
/// as tests: EngineContract for every adapter, PeerContract for those with more than one node.
/// </summary>
/// <remarks>
/// Not promised, so that engines without virtual synchrony can be adapters too: an order among different senders, the same view on
/// different nodes at the same time, hearing one's own broadcasts, delivery to a node that joins later.
/// Disposing leaves the cluster; when it returns, the observer is not called again.
/// </remarks>
public interface IClusterEngine : IDisposable
{
    /// <summary>Largest broadcast.</summary>
    int PayloadMaxBytes { get; }

    EngineCounters Counters { get; }

    /// <summary>Joins. The first view may come before this returns.</summary>
    /// <exception cref="InvalidOperationException">Started before, or already disposed.</exception>
    void Start(IEngineObserver observer);

    /// <summary>Sends to all members. Any thread; never waits, never throws.</summary>
    SendResult Broadcast(ReadOnlySpan<byte> payload);
}
