using System;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Stick;

/// <summary>
/// `stick-table` (configuration.txt, 4.2): which server a client's address is stuck to. Size is a limit: the entry that would
/// expire first makes room, or with `nopurge` the new one is refused. Every use of an entry gives it its whole life again.
/// </summary>
/// <remarks>
/// <para>Threads: all members may be called from any thread. This is the data path's one shared structure and so the exception to
/// "a state has one owner": a client's connections arrive at every loop. A private <see cref="Lock"/> guards it for the time of one
/// look-up, some 100 ns, once per connection. Not a spin lock: with as many loops as cores a holder that is preempted would make
/// the others burn their time slices; <see cref="Lock"/> spins only a little before it waits.</para>
/// <para>Memory: 64 bytes an entry and 4 to 8 for its hash head, outside of the garbage collector's work. No operation allocates but
/// for chunks of new slots.</para>
/// <para>Replication: every value carries a <see cref="StickVersion"/>; <see cref="Sink"/> is told of local writes, and of a refresh
/// when it has moved the expiry by an eighth of an entry's life, so that a peer's copy does not die of our silence.</para>
/// </remarks>
public sealed class StickTable
{
    /// <summary>Remaining time of entries in a table without `expire`.</summary>
    public const long NeverMs = long.MaxValue;

    /// <summary>Entries are copied and removed in bulk by so many slots per hold of the lock.</summary>
    private const int SliceLength = 1024;

    /// <summary>Life without `expire`, some 35 years: then the expiry order is that of the last use.</summary>
    private const long EndlessMs = 1L << 40;

    private readonly Lock _lock = new();
    private readonly long _lifeMs;
    private readonly StickSlots _slots;
    private readonly KeyIndex _index;
    private readonly ExpiryOrder _order;
    private ulong _sequence;

    /// <param name="hashSeed">Random, one per process.</param>
    public StickTable(StickTableModel model, ulong hashSeed)
    {
        Model = model;
        int capacity = Math.Max(1, model.Size);
        _lifeMs = model.Expire is { } expire ? Math.Clamp((long)expire.TotalMilliseconds, 1, EndlessMs) : EndlessMs;
        _slots = new StickSlots(capacity);
        _index = new KeyIndex(_slots, capacity, hashSeed);
        _order = new ExpiryOrder(_slots, _lifeMs);
    }

    public StickTableModel Model { get; }

    /// <summary>Receiver of local writes; null: there is no cluster.</summary>
    public IStickUpdateSink? Sink { get; set; }

    /// <summary>Epoch that local writes carry: that of the view in which this node became owner. Set by the control thread.</summary>
    public uint OwnerEpoch { get; set; }

    /// <summary>Entries, expired ones that were not yet dropped included.</summary>
    public int Used => _slots.Taken;

    /// <summary>Entries that had not expired and had to make room.</summary>
    public long PurgedTotal { get; private set; }

    /// <summary>Keys that were not stored because the table was full.</summary>
    public long RefusedTotal { get; private set; }

    public long ExpiredTotal { get; private set; }

    /// <summary>The server that <paramref name="key"/> is stuck to. A match gives the entry its whole life again.</summary>
    public bool TryMatch(UInt128 key, long nowMs, out int serverId)
    {
        StickUpdate update;
        lock (_lock)
        {
            int index = FindLive(key, nowMs);
            if (index == StickSlots.None)
            {
                serverId = 0;
                return false;
            }
            ref StickSlot slot = ref _slots[index];
            serverId = slot.ServerId;
            if (!Refresh(index, nowMs))
            {
                return true;
            }
            update = Write(ref slot, serverId, nowMs);
        }
        Sink?.Publish(update);
        return true;
    }

    /// <summary>Sticks <paramref name="key"/> to a server and gives the entry its whole life.</summary>
    /// <param name="serverId">HAProxy's server id, 1 and up.</param>
    public StoreOutcome Store(UInt128 key, int serverId, long nowMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(serverId, 1);
        StoreOutcome outcome;
        StickUpdate update;
        lock (_lock)
        {
            int index = FindLive(key, nowMs);
            if (index == StickSlots.None)
            {
                if (!MakeRoom(nowMs + _lifeMs, nowMs))
                {
                    return StoreOutcome.Refused;
                }
                index = Add(key, nowMs + _lifeMs);
                outcome = StoreOutcome.Added;
            }
            else
            {
                bool mustTell = Refresh(index, nowMs);
                outcome = _slots[index].ServerId == serverId ? StoreOutcome.Unchanged : StoreOutcome.Changed;
                if (outcome == StoreOutcome.Unchanged && !mustTell)
                {
                    return outcome;
                }
            }
            update = Write(ref _slots[index], serverId, nowMs);
        }
        Sink?.Publish(update);
        return outcome;
    }

    /// <summary>
    /// Takes a peer's write, if it is later than what is here. A value never goes back to an older version, in whatever order updates
    /// arrive; an entry that has expired has no version any more.
    /// </summary>
    public MergeOutcome Merge(in StickUpdate update, long nowMs)
    {
        if (update.RemainingMs <= 0 || update.ServerId <= 0)
        {
            return MergeOutcome.Refused;
        }
        long expiresMs = nowMs + Math.Min(update.RemainingMs, _lifeMs);
        lock (_lock)
        {
            int index = FindLive(update.Key, nowMs);
            MergeOutcome outcome = MergeOutcome.Replaced;
            if (index == StickSlots.None)
            {
                if (!MakeRoom(expiresMs, nowMs))
                {
                    return MergeOutcome.Refused;
                }
                index = Add(update.Key, expiresMs);
                outcome = MergeOutcome.Added;
            }
            else if (update.Version <= _slots[index].Version)
            {
                return MergeOutcome.Stale;
            }
            ref StickSlot slot = ref _slots[index];
            slot.ServerId = update.ServerId;
            slot.Epoch = update.Version.Epoch;
            slot.Sequence = update.Version.Sequence;
            slot.AnnouncedMs = expiresMs;
            MoveTo(index, expiresMs);
            if (slot.Epoch == OwnerEpoch)
            {
                _sequence = Math.Max(_sequence, slot.Sequence);
            }
            return outcome;
        }
    }

    /// <summary>Forgets one key here; peers keep it. False when it was not there.</summary>
    public bool Remove(UInt128 key)
    {
        lock (_lock)
        {
            int index = _index.Find(key);
            if (index == StickSlots.None)
            {
                return false;
            }
            Drop(index);
            return true;
        }
    }

    /// <summary>Forgets all keys stuck to a server (0: to any) here; peers keep them. Says how many.</summary>
    public int RemoveWhere(int serverId)
    {
        int removed = 0;
        int from = 0;
        bool more = true;
        while (more)
        {
            lock (_lock)
            {
                int end = Math.Min(from + SliceLength, _slots.Reached);
                for (; from < end; from++)
                {
                    int found = _slots[from].ServerId;
                    if (found != 0 && (serverId == 0 || found == serverId))
                    {
                        Drop(from);
                        removed++;
                    }
                }
                more = from < _slots.Reached;
            }
        }
        return removed;
    }

    /// <summary>Drops up to <paramref name="max"/> expired entries and says how many; to be called from time to time.</summary>
    public int Sweep(long nowMs, int max)
    {
        lock (_lock)
        {
            int dropped = 0;
            while (dropped < max && DropOldestIfExpired(nowMs))
            {
                dropped++;
            }
            return dropped;
        }
    }

    /// <summary>Appends all live entries, in no order, and says how many. The lock is held for slices: entries that come or go meanwhile may be missed.</summary>
    public int CopyTo(ICollection<StickEntry> entries, long nowMs)
    {
        StickEntry[] slice = new StickEntry[SliceLength];
        int total = 0;
        int from = 0;
        bool more = true;
        while (more)
        {
            int copied;
            lock (_lock)
            {
                copied = CopySlice(ref from, slice, nowMs);
                more = from < _slots.Reached;
            }
            for (int i = 0; i < copied; i++)
            {
                entries.Add(slice[i]);
            }
            total += copied;
        }
        return total;
    }

    private int CopySlice(ref int from, StickEntry[] slice, long nowMs)
    {
        int copied = 0;
        int end = Math.Min(from + SliceLength, _slots.Reached);
        for (; from < end; from++)
        {
            ref StickSlot slot = ref _slots[from];
            if (slot.ServerId != 0 && slot.ExpiresMs > nowMs)
            {
                slice[copied++] = new StickEntry(slot.Key, slot.ServerId, Remaining(slot, nowMs), slot.Version);
            }
        }
        return copied;
    }

    private int FindLive(UInt128 key, long nowMs)
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

    /// <summary>False when the table is full and nothing may be purged for an entry with this expiry.</summary>
    private bool MakeRoom(long expiresMs, long nowMs)
    {
        if (!_slots.IsFull || DropOldestIfExpired(nowMs))
        {
            return true;
        }
        int oldest = _order.Oldest();
        if (Model.NoPurge || _slots[oldest].ExpiresMs > expiresMs)
        {
            RefusedTotal++;
            return false;
        }
        Drop(oldest);
        PurgedTotal++;
        return true;
    }

    private bool DropOldestIfExpired(long nowMs)
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

    /// <summary>A slot in index and order; server and version are still to be written.</summary>
    private int Add(UInt128 key, long expiresMs)
    {
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

    private void Drop(int index)
    {
        _order.Remove(index);
        _index.Remove(index);
        _slots.Free(index);
    }

    private void MoveTo(int index, long expiresMs)
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

    /// <summary>Gives the entry its whole life; true when a peer should be told of it. A loop whose clock lags takes nothing away.</summary>
    private bool Refresh(int index, long nowMs)
    {
        ref StickSlot slot = ref _slots[index];
        MoveTo(index, Math.Max(slot.ExpiresMs, nowMs + _lifeMs));
        return Sink is not null && slot.ExpiresMs - slot.AnnouncedMs >= (_lifeMs + 7) / 8;
    }

    /// <summary>Sets value and a version later than the one before, whoever wrote that.</summary>
    private StickUpdate Write(ref StickSlot slot, int serverId, long nowMs)
    {
        StickVersion version = new(OwnerEpoch, ++_sequence);
        if (version <= slot.Version)
        {
            version = new StickVersion(slot.Epoch, slot.Sequence + 1);
        }
        slot.ServerId = serverId;
        slot.Epoch = version.Epoch;
        slot.Sequence = version.Sequence;
        slot.AnnouncedMs = slot.ExpiresMs;
        return new StickUpdate(slot.Key, serverId, Remaining(slot, nowMs), version);
    }

    private long Remaining(in StickSlot slot, long nowMs) => Model.Expire is null ? NeverMs : slot.ExpiresMs - nowMs;
}
