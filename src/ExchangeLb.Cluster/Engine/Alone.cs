using System;
using System.Threading;

namespace ExchangeLb.Cluster.Engine;

/// <summary>The engine of a node without cluster.cfg: one view, itself, with all the votes there are. Broadcasts reach nobody.</summary>
public sealed class Alone(NodeId self) : IClusterEngine
{
    private const int Created = 0;
    private const int Joined = 1;
    private const int Left = 2;

    private int _state;
    private long _sentTotal;
    private long _refusedTotal;
    private long _viewsTotal;

    /// <summary>What Corosync (1,047,552 bytes in one piece) and Akka (frames of 128,000) can both carry, so that no caller relies on more.</summary>
    public int PayloadMaxBytes => 64 * 1024;

    public EngineCounters Counters => new(Interlocked.Read(ref _sentTotal), Interlocked.Read(ref _refusedTotal), 0, Interlocked.Read(ref _viewsTotal));

    public void Start(IEngineObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (Interlocked.CompareExchange(ref _state, Joined, Created) != Created)
        {
            throw new InvalidOperationException("An engine is started once.");
        }
        Interlocked.Increment(ref _viewsTotal);
        observer.ViewChanged(new ClusterView(1, self, [self], QuorumVerdict.Quorate));
    }

    public SendResult Broadcast(ReadOnlySpan<byte> payload)
    {
        SendResult result = Volatile.Read(ref _state) != Joined ? SendResult.NotJoined
            : payload.Length > PayloadMaxBytes ? SendResult.TooLarge
            : SendResult.Accepted;
        Interlocked.Increment(ref result == SendResult.Accepted ? ref _sentTotal : ref _refusedTotal);
        return result;
    }

    public void Dispose() => Volatile.Write(ref _state, Left);
}
