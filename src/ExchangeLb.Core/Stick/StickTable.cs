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
/// look-up, well under a microsecond, once per connection. Not a spin lock: with as many loops as cores a holder that is preempted
/// would make the others burn their time slices; <see cref="Lock"/> spins only a little before it waits.</para>
/// <para>Memory: 64 bytes an entry and 4 to 8 for its hash head, which the garbage collector neither scans nor moves. No operation
/// allocates but for chunks of new slots.</para>
/// <para>Replication: every value carries a <see cref="StickVersion"/>; <see cref="Sink"/> is told of local writes, and of a refresh
/// when it has moved the expiry by an eighth of an entry's life, so that a peer's copy does not die of our silence.</para>
/// </remarks>
/// <param name="hashSeed">Random, one per process: clients must not know which keys collide.</param>
public sealed class StickTable(StickTableModel model, ulong hashSeed)
{
    /// <summary>Remaining time of entries in a table without `expire`.</summary>
    public const long NeverMs = long.MaxValue;

    /// <summary>Entries are copied and removed in bulk by so many slots per hold of the lock.</summary>
    private const int SliceLength = 1024;

    private readonly Lock _lock = new();
    private readonly StickEntries _entries = new(model, hashSeed);
    private ulong _sequence;

    public StickTableModel Model => model;

    /// <summary>Receiver of local writes; null: there is no cluster.</summary>
    public IStickUpdateSink? Sink { get; set; }

    /// <summary>Epoch that local writes carry: that of the view in which this node became owner. Set by the control thread.</summary>
    public uint OwnerEpoch { get; set; }

    /// <summary>Entries, expired ones that were not yet dropped included.</summary>
    public int Used => _entries.Used;

    /// <summary>Entries that had not expired and had to make room.</summary>
    public long PurgedTotal => _entries.PurgedTotal;

    /// <summary>Keys that were not stored because the table was full.</summary>
    public long RefusedTotal => _entries.RefusedTotal;

    public long ExpiredTotal => _entries.ExpiredTotal;

    /// <summary>The server that <paramref name="key"/> is stuck to. A match gives the entry its whole life again.</summary>
    /// <param name="nowMs">Monotonic, as in all members; loops may lag behind each other.</param>
    public bool TryMatch(UInt128 key, long nowMs, out int serverId)
    {
        StickUpdate update;
        lock (_lock)
        {
            int index = _entries.FindLive(key, nowMs);
            if (index == StickSlots.None)
            {
                serverId = 0;
                return false;
            }
            serverId = _entries[index].ServerId;
            if (!Refresh(index, nowMs))
            {
                return true;
            }
            update = Write(index, serverId, nowMs);
        }
        Sink?.Publish(update);
        return true;
    }

    /// <summary>One key's entry, for people: it is looked at and not used, so its life goes on as before. False: there is none.</summary>
    public bool TryRead(UInt128 key, long nowMs, out StickEntry entry)
    {
        lock (_lock)
        {
            int index = _entries.FindLive(key, nowMs);
            entry = index == StickSlots.None ? default : Copy(_entries[index], nowMs);
            return index != StickSlots.None;
        }
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
            int index = _entries.FindLive(key, nowMs);
            if (index != StickSlots.None)
            {
                bool mustTell = Refresh(index, nowMs);
                outcome = _entries[index].ServerId == serverId ? StoreOutcome.Unchanged : StoreOutcome.Changed;
                if (outcome == StoreOutcome.Unchanged && !mustTell)
                {
                    return outcome;
                }
            }
            else
            {
                outcome = StoreOutcome.Added;
                index = _entries.TryAdd(key, nowMs + _entries.LifeMs, nowMs);
                if (index == StickSlots.None)
                {
                    return StoreOutcome.Refused;
                }
            }
            update = Write(index, serverId, nowMs);
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
        long expiresMs = nowMs + Math.Min(update.RemainingMs, _entries.LifeMs);
        lock (_lock)
        {
            MergeOutcome outcome = MergeOutcome.Replaced;
            int index = _entries.FindLive(update.Key, nowMs);
            if (index == StickSlots.None)
            {
                outcome = MergeOutcome.Added;
                index = _entries.TryAdd(update.Key, expiresMs, nowMs);
                if (index == StickSlots.None)
                {
                    return MergeOutcome.Refused;
                }
            }
            else if (update.Version <= _entries[index].Version)
            {
                return MergeOutcome.Stale;
            }
            _entries.MoveTo(index, expiresMs);
            SetValue(ref _entries[index], update.ServerId, update.Version);
            return outcome;
        }
    }

    /// <summary>Forgets one key here; peers keep it. False when it was not there.</summary>
    public bool Remove(UInt128 key)
    {
        lock (_lock)
        {
            return _entries.Remove(key);
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
                int end = Math.Min(from + SliceLength, _entries.Reached);
                for (; from < end; from++)
                {
                    int found = _entries[from].ServerId;
                    if (found != 0 && (serverId == 0 || found == serverId))
                    {
                        _entries.Drop(from);
                        removed++;
                    }
                }
                more = from < _entries.Reached;
            }
        }
        return removed;
    }

    /// <summary>Drops up to <paramref name="max"/> expired entries and says how many; to be called from time to time.</summary>
    public int Sweep(long nowMs, int max)
    {
        int dropped = 0;
        lock (_lock)
        {
            while (dropped < max && _entries.DropOldestIfExpired(nowMs))
            {
                dropped++;
            }
        }
        return dropped;
    }

    /// <summary>
    /// Appends all live entries, in no order, and says how many. The lock is held for slices: entries that come or go meanwhile may be
    /// missed.
    /// </summary>
    public int CopyTo(ICollection<StickEntry> entries, long nowMs)
    {
        StickEntry[] slice = new StickEntry[SliceLength];
        int total = 0;
        int from = 0;
        bool more = true;
        while (more)
        {
            more = CopySlice(ref from, slice, nowMs, out int copied);
            for (int i = 0; i < copied; i++)
            {
                entries.Add(slice[i]);
            }
            total += copied;
        }
        return total;
    }

    /// <summary>
    /// Copies live entries in no order, for readers who want them in pieces: as many slots are looked at as <paramref name="slice"/> is
    /// long, under one hold of the lock (1024 or fewer are advised). Entries that come or go between two calls may be missed.
    /// </summary>
    /// <param name="from">0 at first; then as the last call left it.</param>
    /// <param name="copied">How many entries of the slice are filled; may be 0 before the end.</param>
    /// <returns>False: that was the last slice.</returns>
    public bool CopySlice(ref int from, Span<StickEntry> slice, long nowMs, out int copied)
    {
        copied = 0;
        lock (_lock)
        {
            int end = Math.Min(from + slice.Length, _entries.Reached);
            for (; from < end; from++)
            {
                ref StickSlot slot = ref _entries[from];
                if (slot.ServerId != 0 && slot.ExpiresMs > nowMs)
                {
                    slice[copied++] = Copy(slot, nowMs);
                }
            }
            return from < _entries.Reached;
        }
    }

    private StickEntry Copy(in StickSlot slot, long nowMs) => new(slot.Key, slot.ServerId, Remaining(slot, nowMs), slot.Version);

    /// <summary>Gives the entry its whole life; true when a peer should be told of it. A loop whose clock lags takes nothing away.</summary>
    private bool Refresh(int index, long nowMs)
    {
        ref StickSlot slot = ref _entries[index];
        _entries.MoveTo(index, Math.Max(slot.ExpiresMs, nowMs + _entries.LifeMs));
        return Sink is not null && slot.ExpiresMs - slot.AnnouncedMs >= (_entries.LifeMs + 7) / 8;
    }

    /// <summary>A local write: its version is later than the one before, whoever wrote that.</summary>
    private StickUpdate Write(int index, int serverId, long nowMs)
    {
        ref StickSlot slot = ref _entries[index];
        StickVersion version = new(OwnerEpoch, _sequence + 1);
        if (version <= slot.Version)
        {
            version = new StickVersion(slot.Epoch, slot.Sequence + 1);
        }
        SetValue(ref slot, serverId, version);
        return new StickUpdate(slot.Key, serverId, Remaining(slot, nowMs), version);
    }

    private void SetValue(ref StickSlot slot, int serverId, StickVersion version)
    {
        slot.ServerId = serverId;
        slot.Epoch = version.Epoch;
        slot.Sequence = version.Sequence;
        slot.AnnouncedMs = slot.ExpiresMs;
        if (version.Epoch == OwnerEpoch)
        {
            _sequence = Math.Max(_sequence, version.Sequence);
        }
    }

    private long Remaining(in StickSlot slot, long nowMs) => model.Expire is null ? NeverMs : slot.ExpiresMs - nowMs;
}
