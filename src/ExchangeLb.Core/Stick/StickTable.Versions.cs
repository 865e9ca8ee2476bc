using System;

namespace ExchangeLb.Core.Stick;

/// <summary>What a cluster needs of a table: versions of local writes, merging of a peer's, clearing that a peer's copies do not undo.</summary>
public sealed partial class StickTable
{
    private ulong _sequence;
    private StickVersion _latest;
    private StickVersion _clearedUpTo;

    /// <summary>Receiver of local writes; null: there is no cluster.</summary>
    public IStickUpdateSink? Sink { get; set; }

    /// <summary>Epoch that local writes carry: that in which this node became owner. Set by the control thread.</summary>
    public uint OwnerEpoch { get; set; }

    /// <summary>This node's number in the versions of local writes.</summary>
    public uint Writer { get; private set; }

    /// <summary>All values up to this version are gone; default: the table was never cleared.</summary>
    public StickVersion ClearedUpTo
    {
        get
        {
            lock (_lock)
            {
                return _clearedUpTo;
            }
        }
    }

    /// <summary>From now on the table is one of several copies.</summary>
    /// <param name="writer">This node, 1 and up.</param>
    /// <param name="sequence">Later than any of this node's earlier lives, so that no version is given twice.</param>
    public void Share(uint writer, ulong sequence, IStickUpdateSink sink)
    {
        lock (_lock)
        {
            Writer = writer;
            _sequence = Math.Max(_sequence, sequence);
            Sink = sink;
        }
        SignOlderWrites();
    }

    /// <summary>
    /// Takes a peer's write, if it is later than what is here. A value never goes back to an older version, in whatever order updates
    /// arrive; an entry that has expired has no version any more.
    /// </summary>
    public MergeOutcome Merge(in StickUpdate update, long nowMs)
    {
        bool cleared = update.ServerId == StickUpdate.Cleared;
        if (update.RemainingMs <= 0 || (update.ServerId <= 0 && !cleared))
        {
            return MergeOutcome.Refused;
        }
        long expiresMs = nowMs + Math.Min(update.RemainingMs, cleared ? _entries.ClearedLifeMs : _entries.LifeMs);
        lock (_lock)
        {
            if (update.Version <= _clearedUpTo)
            {
                return MergeOutcome.Stale;
            }
            int index = _entries.Find(update.Key, nowMs);
            if (index != StickSlots.None && update.Version <= _entries[index].Version)
            {
                return MergeOutcome.Stale;
            }
            MergeOutcome outcome = index == StickSlots.None ? MergeOutcome.Added : MergeOutcome.Replaced;
            if (index == StickSlots.None)
            {
                index = cleared ? _entries.TryAddCleared(update.Key, expiresMs, nowMs) : _entries.TryAdd(update.Key, expiresMs, nowMs);
            }
            else if (cleared == _entries[index].ServerId < 0)
            {
                _entries.MoveTo(index, expiresMs);
            }
            else if (cleared)
            {
                _entries.MakeCleared(index, expiresMs);
            }
            else
            {
                _entries.MakeLive(index, expiresMs);
            }
            if (index == StickSlots.None)
            {
                return MergeOutcome.Refused;
            }
            SetValue(ref _entries[index], update.ServerId, update.Version);
            return outcome;
        }
    }

    /// <summary>Forgets one key, at all nodes when there is a cluster. False when it was not there.</summary>
    public bool Remove(UInt128 key, long nowMs)
    {
        StickUpdate update;
        lock (_lock)
        {
            int index = _entries.FindLive(key, nowMs);
            if (index == StickSlots.None || !TryRemember(index, nowMs, out update))
            {
                return index != StickSlots.None;
            }
        }
        Sink?.Publish(update);
        return true;
    }

    /// <summary>Forgets all keys stuck to a server (0: to any), at all nodes when there is a cluster. Says how many went here.</summary>
    public int RemoveWhere(int serverId, long nowMs)
    {
        if (serverId == 0)
        {
            return RemoveAll();
        }
        var updates = new StickUpdate[Sink is null ? 0 : SliceLength];
        int removed = 0;
        int from = 0;
        bool more = true;
        while (more)
        {
            int told = 0;
            lock (_lock)
            {
                int end = Math.Min(from + SliceLength, _entries.Reached);
                for (; from < end; from++)
                {
                    if (_entries[from].ServerId == serverId)
                    {
                        removed++;
                        told += TryRemember(from, nowMs, out StickUpdate update) && Keep(updates, told, update) ? 1 : 0;
                    }
                }
                more = from < _entries.Reached;
            }
            for (int i = 0; i < told; i++)
            {
                Sink?.Publish(updates[i]);
            }
        }
        return removed;
    }

    /// <summary>A peer has cleared the whole table; false: that was known.</summary>
    public bool MergeClear(StickVersion upTo)
    {
        lock (_lock)
        {
            if (upTo <= _clearedUpTo)
            {
                return false;
            }
            _clearedUpTo = upTo;
            NoteLatest(upTo);
        }
        DropUpTo(upTo);
        return true;
    }

    /// <summary>
    /// As <see cref="CopySlice"/>, but for a peer: keys that were cleared are among them, so that it does not keep what it should forget.
    /// </summary>
    public bool CopyUpdates(ref int from, Span<StickUpdate> slice, long nowMs, out int copied)
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
                    slice[copied++] = new StickUpdate(slot.Key, slot.ServerId, Remaining(slot, nowMs), slot.Version);
                }
            }
            return from < _entries.Reached;
        }
    }

    /// <summary>What was written before the table was shared may be written elsewhere too: it gets its writer.</summary>
    private void SignOlderWrites()
    {
        int from = 0;
        bool more = true;
        while (more)
        {
            lock (_lock)
            {
                int end = Math.Min(from + SliceLength, _entries.Reached);
                for (; from < end; from++)
                {
                    ref StickSlot slot = ref _entries[from];
                    slot.Writer = slot.Writer == 0 ? Writer : slot.Writer;
                }
                more = from < _entries.Reached;
            }
        }
    }

    private static bool Keep(StickUpdate[] updates, int at, in StickUpdate update)
    {
        if (at < updates.Length)
        {
            updates[at] = update;
        }
        return at < updates.Length;
    }

    private int RemoveAll()
    {
        IStickUpdateSink? sink = Sink;
        StickVersion upTo;
        lock (_lock)
        {
            upTo = NextVersion(_latest);
            if (sink is not null)
            {
                _clearedUpTo = upTo;
                NoteLatest(upTo);
            }
        }
        int removed = DropUpTo(upTo);
        sink?.PublishClear();
        return removed;
    }

    /// <summary>Writes of this moment and later have later versions, and stay.</summary>
    private int DropUpTo(StickVersion upTo)
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
                    ref StickSlot slot = ref _entries[from];
                    if (slot.ServerId != 0 && slot.Version <= upTo)
                    {
                        removed += slot.ServerId > 0 ? 1 : 0;
                        _entries.Drop(from);
                    }
                }
                more = from < _entries.Reached;
            }
        }
        return removed;
    }

    /// <summary>Takes an entry away. True: there is a cluster, the key is remembered, and the update is to be published.</summary>
    private bool TryRemember(int index, long nowMs, out StickUpdate update)
    {
        update = default;
        if (Sink is null)
        {
            _entries.Drop(index);
            return false;
        }
        _entries.MakeCleared(index, nowMs + _entries.ClearedLifeMs);
        update = Write(index, StickUpdate.Cleared, nowMs);
        return true;
    }

    /// <summary>A local write: its version is later than the one before, whoever wrote that, and than the last clearing.</summary>
    private StickUpdate Write(int index, int serverId, long nowMs)
    {
        ref StickSlot slot = ref _entries[index];
        SetValue(ref slot, serverId, NextVersion(slot.Version > _clearedUpTo ? slot.Version : _clearedUpTo));
        return new StickUpdate(slot.Key, serverId, Remaining(slot, nowMs), slot.Version);
    }

    /// <summary>A version of this node that it never gave before, later than <paramref name="than"/>.</summary>
    private StickVersion NextVersion(StickVersion than)
    {
        _sequence++;
        uint epoch = OwnerEpoch;
        if (epoch <= than.Epoch)
        {
            epoch = than.Epoch;
            _sequence = Math.Max(_sequence, than.Sequence + 1);
        }
        return new StickVersion(epoch, _sequence, Writer);
    }

    private void SetValue(ref StickSlot slot, int serverId, StickVersion version)
    {
        slot.ServerId = serverId;
        slot.Epoch = version.Epoch;
        slot.Sequence = version.Sequence;
        slot.Writer = version.Writer;
        slot.AnnouncedMs = slot.ExpiresMs;
        NoteLatest(version);
    }

    private void NoteLatest(StickVersion version)
    {
        if (version > _latest)
        {
            _latest = version;
        }
        if (version.Epoch == OwnerEpoch)
        {
            _sequence = Math.Max(_sequence, version.Sequence);
        }
    }
}
