using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// The entries of one table with their limit and their expiry: slots, found by key, kept in the order of expiry. Not thread-safe;
/// owner: <see cref="StickTable"/>, under its lock.
/// </summary>
/// <remarks>
/// A key that was cleared keeps its slot, so that a peer's older copy does not bring it back. Such slots make room before any entry does,
/// and none takes the place of an entry: they cost nothing but memory that the table's size allows anyhow.
/// </remarks>
internal sealed class StickEntries
{
    /// <summary>Life without `expire`, some 35 years: then the expiry order is that of the last use.</summary>
    private const long EndlessMs = 1L << 40;

    /// <summary>Longest memory of a cleared key in a table without `expire`.</summary>
    private const long ClearedMs = 24 * 3600 * 1000;

    private readonly bool _noPurge;
    private readonly StickSlots _slots;
    private readonly KeyIndex _index;
    private readonly ExpiryOrder _order;
    private readonly ExpiryOrder _clearedOrder;
    private int _cleared;

    public StickEntries(StickTableModel model, ulong hashSeed)
    {
        int capacity = Math.Max(1, model.Size);
        LifeMs = model.Expire is { } expire ? Math.Clamp((long)expire.TotalMilliseconds, 1, EndlessMs) : EndlessMs;
        ClearedLifeMs = Math.Min(LifeMs, ClearedMs);
        _noPurge = model.NoPurge;
        _slots = new StickSlots(capacity);
        _index = new KeyIndex(_slots, capacity, hashSeed);
        _order = new ExpiryOrder(_slots, LifeMs);
        _clearedOrder = new ExpiryOrder(_slots, ClearedLifeMs);
    }

    /// <summary>From last use to expiry.</summary>
    public long LifeMs { get; }

    /// <summary>For how long a cleared key is remembered: no copy of what it held lives longer.</summary>
    public long ClearedLifeMs { get; }

    /// <summary>Entries, expired ones that were not yet dropped included.</summary>
    public int Used => _slots.Taken - _cleared;

    /// <summary>Slots 0..<see cref="Reached"/>-1 hold all entries; those with server id 0 are free.</summary>
    public int Reached => _slots.Reached;

    public long PurgedTotal { get; private set; }

    public long RefusedTotal { get; private set; }

    public long ExpiredTotal { get; private set; }

    public ref StickSlot this[int index] => ref _slots[index];

    /// <summary>The slot of the key's entry, or of the memory that it was cleared, or <see cref="StickSlots.None"/>; what has expired is dropped on the way.</summary>
    public int Find(UInt128 key, long nowMs)
    {
        int index = _index.Find(key);
        if (index != StickSlots.None && _slots[index].ExpiresMs <= nowMs)
        {
            Expire(index);
            return StickSlots.None;
        }
        return index;
    }

    /// <summary>The key's entry or <see cref="StickSlots.None"/>.</summary>
    public int FindLive(UInt128 key, long nowMs)
    {
        int index = Find(key, nowMs);
        return index == StickSlots.None || _slots[index].ServerId < 0 ? StickSlots.None : index;
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
        int index = Take(key, expiresMs);
        _order.Add(index);
        return index;
    }

    /// <summary>The same for a key that has only been cleared; <see cref="StickSlots.None"/>: there are as many entries as the table may have.</summary>
    public int TryAddCleared(UInt128 key, long expiresMs, long nowMs)
    {
        if (_slots.IsFull && !DropOldestIfExpired(nowMs) && !DropOldestCleared())
        {
            return StickSlots.None;
        }
        int index = Take(key, expiresMs);
        _slots[index].ServerId = StickUpdate.Cleared;
        _clearedOrder.Add(index);
        _cleared++;
        return index;
    }

    public void MoveTo(int index, long expiresMs)
    {
        ref StickSlot slot = ref _slots[index];
        if (slot.ExpiresMs == expiresMs)
        {
            return;
        }
        ExpiryOrder order = slot.ServerId < 0 ? _clearedOrder : _order;
        order.Remove(index);
        slot.ExpiresMs = expiresMs;
        order.Add(index);
    }

    /// <summary>Turns an entry into the memory that its key was cleared.</summary>
    public void MakeCleared(int index, long expiresMs)
    {
        ref StickSlot slot = ref _slots[index];
        _order.Remove(index);
        slot.ExpiresMs = expiresMs;
        slot.ServerId = StickUpdate.Cleared;
        _clearedOrder.Add(index);
        _cleared++;
    }

    /// <summary>The way back; the caller sets server and version.</summary>
    public void MakeLive(int index, long expiresMs)
    {
        ref StickSlot slot = ref _slots[index];
        _clearedOrder.Remove(index);
        _cleared--;
        slot.ExpiresMs = expiresMs;
        slot.ServerId = 0;
        _order.Add(index);
    }

    public void Drop(int index)
    {
        if (_slots[index].ServerId < 0)
        {
            _clearedOrder.Remove(index);
            _cleared--;
        }
        else
        {
            _order.Remove(index);
        }
        _index.Remove(index);
        _slots.Free(index);
    }

    public bool DropOldestIfExpired(long nowMs) => DropIfExpired(_order.Oldest(), nowMs) || DropIfExpired(_clearedOrder.Oldest(), nowMs);

    private int Take(UInt128 key, long expiresMs)
    {
        int index = _slots.Take();
        ref StickSlot slot = ref _slots[index];
        slot = default;
        slot.KeyHigh = (ulong)(key >> 64);
        slot.KeyLow = (ulong)key;
        slot.ExpiresMs = expiresMs;
        _index.Add(index);
        return index;
    }

    private bool DropIfExpired(int index, long nowMs)
    {
        if (index == StickSlots.None || _slots[index].ExpiresMs > nowMs)
        {
            return false;
        }
        Expire(index);
        return true;
    }

    private void Expire(int index)
    {
        ExpiredTotal += _slots[index].ServerId < 0 ? 0 : 1;
        Drop(index);
    }

    private bool DropOldestCleared()
    {
        int oldest = _clearedOrder.Oldest();
        if (oldest == StickSlots.None)
        {
            return false;
        }
        Drop(oldest);
        return true;
    }

    private bool MakeRoom(long expiresMs, long nowMs)
    {
        if (!_slots.IsFull || DropOldestIfExpired(nowMs) || DropOldestCleared())
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
