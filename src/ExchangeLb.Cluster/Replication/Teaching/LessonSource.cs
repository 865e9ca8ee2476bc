using System.Collections.Generic;
using ExchangeLb.Cluster.Replication.Knowing;
using ExchangeLb.Cluster.Replication.Settings;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Cluster.Replication.Wire;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Teaching;

/// <summary>
/// Everything that this node has, in pieces that fit a message: tables, orders, and last what this node knew when it began. Entries that come
/// while it walks are new writes, which the pupil hears of anyhow.
/// </summary>
internal sealed class LessonSource(
    IReadOnlyList<TableLink> tables, Queue<(ServerSetting Setting, SettingVersion Version)> settings, List<KnownStream> knowledge)
{
    /// <summary>Slots that are looked at under one hold of a table's lock.</summary>
    private const int SliceLength = 384;

    /// <summary>Slices for one lesson: in a table that is nearly empty most slots are free, and the thread has other work.</summary>
    private const int SlicesAtOnce = 16;

    private readonly StickUpdate[] _slice = new StickUpdate[SliceLength];
    private int _sliceAt;
    private int _sliceCount;
    private int _table;
    private int _from;
    private bool _more = true;
    private bool _tableBegun;

    /// <summary>Entries and orders that were written.</summary>
    public long Written { get; private set; }

    /// <summary>Fills one lesson; true: it is the last one.</summary>
    public bool Fill(ReplicationBody body, StickBlockWriter block, long nowMs)
    {
        int slices = 0;
        while (_table < tables.Count)
        {
            TableLink table = tables[_table];
            if (!TryBeginTable(body, table) || !block.TryBegin(table))
            {
                return false;
            }
            bool done = FillFrom(table.Table, block, nowMs, ref slices);
            block.End();
            if (!done)
            {
                return false;
            }
            _table++;
            _tableBegun = false;
        }
        while (settings.TryPeek(out (ServerSetting Setting, SettingVersion Version) next))
        {
            if (body.Room < SettingBlock.MaxBytes)
            {
                return false;
            }
            SettingBlock.WriteOne(body, next.Setting, next.Version);
            settings.Dequeue();
            Written++;
        }
        if (body.Room < KnowledgeList.MaxBytes + 5)
        {
            return false;
        }
        int mark = body.BeginBlock(BlockKind.Knowledge);
        KnowledgeList.Write(body, knowledge);
        body.EndBlock(mark);
        return true;
    }

    private bool TryBeginTable(ReplicationBody body, TableLink table)
    {
        if (_tableBegun)
        {
            return true;
        }
        if (table.Table.ClearedUpTo != default && !ClearBlock.TryWrite(body, table))
        {
            return false;
        }
        _from = _sliceAt = _sliceCount = 0;
        _more = true;
        return _tableBegun = true;
    }

    /// <summary>True: the table is at its end.</summary>
    private bool FillFrom(StickTable table, StickBlockWriter block, long nowMs, ref int slices)
    {
        while (true)
        {
            for (; _sliceAt < _sliceCount; _sliceAt++)
            {
                if (!block.TryAdd(_slice[_sliceAt]))
                {
                    return false;
                }
                Written++;
            }
            if (!_more)
            {
                return true;
            }
            if (slices++ == SlicesAtOnce)
            {
                return false;
            }
            _sliceAt = 0;
            _more = table.CopyUpdates(ref _from, _slice, nowMs, out _sliceCount);
        }
    }
}
