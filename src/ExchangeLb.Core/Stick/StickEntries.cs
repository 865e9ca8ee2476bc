using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// The entries of one table with their limit and their expiry: slots, found by key, kept in the order of expiry. Not thread-safe;
/// owner: <see cref="StickTable"/>, under its lock.
/// </summary>
internal sealed class StickEntries
{
    /// <summary>Life without `expire`, some 35 years: then the expiry order is that of the last use.</summary>
    private const long EndlessMs = 1L << 40;

    private readonly bool _noPurge;
    private readonly StickSlots _slots;
    private readonly KeyIndex _index;
    private readonly ExpiryOrder _order;

    public StickEntries(StickTableModel model, ulong hashSeed)
    {
        int capacity = Math.Max(1, model.Size);
        LifeMs = model.Expire is { } expire ? Math.Clamp((long)expire.TotalMilliseconds, 1, EndlessMs) : EndlessMs;
        _noPurge = model.NoPurge;
        _slots = new StickSlots(capacity);
        _index = new KeyIndex(_slots, capacity, hashSeed);
        _order = new ExpiryOrder(_slots, LifeMs);
    }

    /// <summary>From last use to expiry.</summary>
    public long LifeMs { get; }

    /// <summary>Entries, expired ones that were not yet dropped included.</summary>
    public int Used => _slots.Taken;

    /// <summary>Slots 0..<see cref="Reached"/>-1 hold all entries; those with server id 0 are free.</summary>
    public int Reached => _slots.Reached;

    public long PurgedTotal { get; private set; }

    public long RefusedTotal { get; private set; }

    public long ExpiredTotal { get; private set; }

    public ref StickSlot this[int index] => ref _slots[index];

    /// <summary>The key's slot or <see cref="StickSlots.None"/>; an entry that has expired is dropped on the way.</summary>
    public int FindLive(UInt128 key, long nowMs)
    {
        int index = _index.Find(key);
        if (index != StickSlots.None && _slots[index].ExpiresMs <= nowMs)
        {
            Drop(index);
            ExpiredTotal++;
            return StickSlots.None;
        }
        return index;
    }

    /// <summary>
    /// A slot for a key that has none; server and version are to be set by the caller. <see cref="StickSlots.None"/>: full, and
    /// either `nopurge` or the new entry would itself be the first to go.
    /// </summary>
    public int TryAdd(UInt128 key, long expiresMs, long nowMs)
    {
        if (!MakeRoom(expiresMs, nowMs))
        {
            RefusedTotal++;
            return StickSlots.None;
        }
        int index = _slots.Take();
        ref StickSlot slot = ref _slots[index];
        slot = default;
        slot.KeyHigh = (ulong)(key >> 64);
        slot.KeyLow = (ulong)key;
        slot.ExpiresMs = expiresMs;
        _index.Add(index);
        _order.Add(index);
        return index;
    }

    public void MoveTo(int index, long expiresMs)
    {
        ref StickSlot slot = ref _slots[index];
        if (slot.ExpiresMs == expiresMs)
        {
            return;
        }
        _order.Remove(index);
        slot.ExpiresMs = expiresMs;
        _order.Add(index);
    }

    public bool Remove(UInt128 key)
    {
        int index = _index.Find(key);
        if (index == StickSlots.None)
        {
            return false;
        }
        Drop(index);
        return true;
    }

    public void Drop(int index)
    {
        _order.Remove(index);
        _index.Remove(index);
        _slots.Free(index);
    }

    public bool DropOldestIfExpired(long nowMs)
    {
        int oldest = _order.Oldest();
        if (oldest == StickSlots.None || _slots[oldest].ExpiresMs > nowMs)
        {
            return false;
        }
        Drop(oldest);
        ExpiredTotal++;
        return true;
    }

    private bool MakeRoom(long expiresMs, long nowMs)
    {
        if (!_slots.IsFull || DropOldestIfExpired(nowMs))
        {
            return true;
        }
        int oldest = _order.Oldest();
        if (_noPurge || _slots[oldest].ExpiresMs > expiresMs)
        {
            return false;
        }
        Drop(oldest);
        PurgedTotal++;
        return true;
    }
}
