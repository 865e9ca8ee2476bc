using System.Threading;

namespace ExchangeLb.Cluster.Replication.Outgoing;

/// <summary>
/// A bounded queue from all loops to one thread, without a lock: a place is claimed by one atomic step, and each place's turn says whether it
/// is free or filled (D. Vyukov's bounded queue). A loop that is preempted between the two delays the reader, never another loop.
/// </summary>
internal sealed class UpdateRing
{
    private readonly QueuedUpdate[] _items;

    /// <summary>Of each place: the position that may be written there next, or that position + 1 when it is filled.</summary>
    private readonly long[] _turns;
    private readonly long _mask;
    private long _tail;
    private long _head;

    /// <param name="capacity">A power of two.</param>
    public UpdateRing(int capacity)
    {
        _items = new QueuedUpdate[capacity];
        _turns = new long[capacity];
        _mask = capacity - 1;
        for (int i = 0; i < capacity; i++)
        {
            _turns[i] = i;
        }
    }

    /// <summary>Roughly, from any thread.</summary>
    public int Count => (int)(Volatile.Read(ref _tail) - Volatile.Read(ref _head));

    /// <summary>Any thread; false: full.</summary>
    public bool TryAdd(in QueuedUpdate item)
    {
        long position = Volatile.Read(ref _tail);
        while (true)
        {
            int place = (int)(position & _mask);
            long turn = Volatile.Read(ref _turns[place]);
            if (turn < position)
            {
                return false;
            }
            long seen = turn > position ? Volatile.Read(ref _tail) : Interlocked.CompareExchange(ref _tail, position + 1, position);
            if (turn == position && seen == position)
            {
                _items[place] = item;
                Volatile.Write(ref _turns[place], position + 1);
                return true;
            }
            position = seen;
        }
    }

    /// <summary>The reader's thread.</summary>
    public bool TryTake(out QueuedUpdate item)
    {
        int place = (int)(_head & _mask);
        item = default;
        if (Volatile.Read(ref _turns[place]) != _head + 1)
        {
            return false;
        }
        item = _items[place];
        Volatile.Write(ref _turns[place], _head + _items.Length);
        Volatile.Write(ref _head, _head + 1);
        return true;
    }
}
