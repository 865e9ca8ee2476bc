using System;
using System.Threading;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Outgoing;

/// <summary>
/// Local updates from the loops to the replication thread. What does not fit, and what nobody is there to hear, is only remembered as lost:
/// the tables have it, and whoever comes is taught.
/// </summary>
/// <param name="wake">Called on a loop when the replication thread has parked; null: that thread looks by itself.</param>
internal sealed class UpdateQueue(int capacity, Action? wake)
{
    private readonly UpdateRing _ring = new(capacity);
    private volatile bool _discarding = true;
    private int _lost;
    private int _parked;
    private long _droppedTotal;

    /// <summary>Nobody is there to hear.</summary>
    public bool Discarding
    {
        get => _discarding;
        set => _discarding = value;
    }

    /// <summary>Updates that did not fit.</summary>
    public long DroppedTotal => Interlocked.Read(ref _droppedTotal);

    public int Count => _ring.Count;

    /// <summary>Any thread.</summary>
    public void Add(int table, in StickUpdate update)
    {
        if (_discarding)
        {
            NoteLost();
            return;
        }
        if (!_ring.TryAdd(new QueuedUpdate(table, update)))
        {
            Interlocked.Increment(ref _droppedTotal);
            NoteLost();
        }
        Wake();
    }

    /// <summary>Any thread: there is something that peers do not know and that is not in the queue.</summary>
    public void NoteLost()
    {
        if (Volatile.Read(ref _lost) == 0)
        {
            Volatile.Write(ref _lost, 1);
        }
    }

    /// <summary>Any thread: there is something to send.</summary>
    public void Wake()
    {
        if (wake is null)
        {
            return;
        }
        Interlocked.MemoryBarrier();        // what was added must be visible before the question whether anybody sleeps
        if (Volatile.Read(ref _parked) == 1 && Interlocked.Exchange(ref _parked, 0) == 1)
        {
            wake();
        }
    }

    /// <summary>The replication thread will sleep: the next update wakes it. False: something has come meanwhile.</summary>
    public bool Park()
    {
        if (wake is null)
        {
            return false;
        }
        Interlocked.Exchange(ref _parked, 1);
        return _ring.Count == 0;
    }

    public bool TryTake(out QueuedUpdate update) => _ring.TryTake(out update);

    public bool AnyLost => Volatile.Read(ref _lost) == 1;

    /// <summary>True once after something was lost.</summary>
    public bool TakeLost() => AnyLost && Interlocked.Exchange(ref _lost, 0) == 1;
}
