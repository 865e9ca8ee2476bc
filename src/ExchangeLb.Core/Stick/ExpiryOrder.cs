using System;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// Keeps slots in the order in which they expire, at constant cost: a ring of buckets of equal spans of time, each a doubly linked
/// list in the order of arrival. Entries that get the table's own expiry arrive in the order of their expiry, so their order is
/// exact; those that a peer sent with less are exact to one span. Owner: the table, under its lock.
/// </summary>
/// <remarks>
/// A bucket's ends are slot links too: ~bucket, a negative number, so that a slot can be taken out without knowing its bucket.
/// All entries lie within one turn of the ring from <see cref="_oldest"/> on. When time has gone further than that (nobody
/// swept), the oldest buckets, long expired, are poured into the next one.
/// </remarks>
internal sealed class ExpiryOrder
{
    private const int Buckets = 1024;

    private readonly StickSlots _slots;
    private readonly long _spanMs;
    private readonly int[] _first = new int[Buckets];
    private readonly int[] _last = new int[Buckets];

    /// <summary>Number of the span, not wrapped, before which no bucket holds a slot.</summary>
    private long _oldest;
    private int _count;

    /// <param name="lifeMs">The longest time that a slot will be added ahead of now.</param>
    public ExpiryOrder(StickSlots slots, long lifeMs)
    {
        _slots = slots;
        _spanMs = (lifeMs / (Buckets - 2)) + 1;
        for (int i = 0; i < Buckets; i++)
        {
            _first[i] = _last[i] = ~i;
        }
    }

    /// <summary>Adds behind all slots of its span. The slot's expiry is set.</summary>
    public void Add(int index)
    {
        ref StickSlot slot = ref _slots[index];
        long span = slot.ExpiresMs / _spanMs;
        if (_count++ == 0)
        {
            _oldest = span;
        }
        MakeRoomFor(span);
        int bucket = (int)(Math.Max(span, _oldest) % Buckets);
        int last = _last[bucket];
        slot.Earlier = last;
        slot.Later = ~bucket;
        SetLater(last, bucket, index);
        _last[bucket] = index;
    }

    public void Remove(int index)
    {
        ref StickSlot slot = ref _slots[index];
        if (slot.Earlier >= 0)
        {
            _slots[slot.Earlier].Later = slot.Later;
        }
        else
        {
            _first[~slot.Earlier] = slot.Later;
        }
        if (slot.Later >= 0)
        {
            _slots[slot.Later].Earlier = slot.Earlier;
        }
        else
        {
            _last[~slot.Later] = slot.Earlier;
        }
        _count--;
    }

    /// <summary>The slot that expires first, or <see cref="StickSlots.None"/>.</summary>
    public int Oldest()
    {
        if (_count == 0)
        {
            return StickSlots.None;
        }
        while (true)
        {
            int first = _first[(int)(_oldest % Buckets)];
            if (first >= 0)
            {
                return first;
            }
            _oldest++;
        }
    }

    private void MakeRoomFor(long span)
    {
        if (span < _oldest)
        {
            // From a peer, with little time left. Too far back for the ring only if time itself went back, which it does not.
            _oldest = Math.Max(span, _oldest - Buckets + 1);
            return;
        }
        long wanted = span - Buckets + 1;
        for (int poured = 0; _oldest < wanted && poured < Buckets - 1; poured++)
        {
            Pour((int)(_oldest % Buckets), (int)((_oldest + 1) % Buckets));
            _oldest++;
        }
        if (_oldest < wanted)
        {
            // After a whole turn of the ring all slots are in one bucket: skip the empty ones.
            Pour((int)(_oldest % Buckets), (int)(wanted % Buckets));
            _oldest = wanted;
        }
    }

    /// <summary>Puts all slots of one bucket before those of another.</summary>
    private void Pour(int from, int to)
    {
        int first = _first[from];
        int last = _last[from];
        if (first < 0 || from == to)
        {
            return;
        }
        int nextFirst = _first[to];
        _slots[first].Earlier = ~to;
        _slots[last].Later = nextFirst;
        if (nextFirst >= 0)
        {
            _slots[nextFirst].Earlier = last;
        }
        else
        {
            _last[to] = last;
        }
        _first[to] = first;
        _first[from] = _last[from] = ~from;
    }

    private void SetLater(int last, int bucket, int index)
    {
        if (last >= 0)
        {
            _slots[last].Later = index;
        }
        else
        {
            _first[bucket] = index;
        }
    }
}
