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
/// <para>Replication: every value carries a <see cref="StickVersion"/>; <see cref="Sink"/> is told of local writes, and of a refresh when
/// it has moved the expiry by <see cref="AnnounceMs"/> (a short life: by an eighth of it), so that a peer's copy dies when ours would.</para>
/// </remarks>
/// <param name="hashSeed">Random, one per process: clients must not know which keys collide.</param>
public sealed partial class StickTable(StickTableModel model, ulong hashSeed)
{
    /// <summary>Remaining time of entries in a table without `expire`.</summary>
    public const long NeverMs = long.MaxValue;

    /// <summary>Entries are copied and removed in bulk by so many slots per hold of the lock.</summary>
    private const int SliceLength = 1024;

    /// <summary>How far a peer's expiry may stay behind while an entry is used all the time: what people see differs by less than a second.</summary>
    private const long AnnounceMs = 500;

    private readonly Lock _lock = new();
    private readonly StickEntries _entries = new(model, hashSeed);

    public StickTableModel Model => model;

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
                index = AddOrRevive(key, nowMs + _entries.LifeMs, nowMs);
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
                if (slot.ServerId > 0 && slot.ExpiresMs > nowMs)
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
        return Sink is not null && slot.ExpiresMs - slot.AnnouncedMs >= Math.Min((_entries.LifeMs + 7) / 8, AnnounceMs);
    }

    private int AddOrRevive(UInt128 key, long expiresMs, long nowMs)
    {
        int index = _entries.Find(key, nowMs);
        if (index == StickSlots.None)
        {
            return _entries.TryAdd(key, expiresMs, nowMs);
        }
        _entries.MakeLive(index, expiresMs);
        return index;
    }

    private long Remaining(in StickSlot slot, long nowMs) => model.Expire is null && slot.ServerId > 0 ? NeverMs : slot.ExpiresMs - nowMs;
}
