using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Events;

/// <summary>The last events of this node; older ones make room. Any thread.</summary>
/// <param name="wallClock">For people: events are not ordered by it.</param>
/// <param name="wrote">Told of each event, outside the lock.</param>
/// <param name="earlier">Of the node's lives before this one, the newest last.</param>
public sealed class EventJournal(TimeProvider wallClock, Action<ClusterEvent>? wrote = null, ImmutableArray<ClusterEvent> earlier = default)
{
    public const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly Queue<ClusterEvent> _events = new((earlier.IsDefault ? [] : earlier).TakeLast(Capacity));

    public void Write(string kind, string text)
    {
        ClusterEvent happened = new(wallClock.GetUtcNow(), kind, text);
        lock (_lock)
        {
            if (_events.Count == Capacity)
            {
                _events.Dequeue();
            }
            _events.Enqueue(happened);
        }
        wrote?.Invoke(happened);
    }

    public ImmutableArray<ClusterEvent> Copy()
    {
        lock (_lock)
        {
            return [.. _events];
        }
    }
}
