using System;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Replication.Knowing;
using ExchangeLb.Cluster.Replication.Settings;
using ExchangeLb.Cluster.Replication.Wire;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Tables;

/// <summary>
/// Reads blocks twice: first whether all of them are in order, then to apply them. So nothing is applied by halves. Owner: the replication
/// thread; the totals are for all.
/// </summary>
internal sealed class BlockIntake(TableDirectory tables, SettingRegisters settings, Knowledge knowledge)
{
    private readonly List<KnownStream> _streams = [];
    private readonly int[] _serverIds = new int[StickBlockWriter.ServersMax];
    private long _receivedTotal;
    private long _skippedTotal;

    /// <summary>Entries and orders.</summary>
    public long ReceivedTotal => Interlocked.Read(ref _receivedTotal);

    /// <summary>Of them those for tables or servers that this node does not have, and those of kinds that it does not know.</summary>
    public long SkippedTotal => Interlocked.Read(ref _skippedTotal);

    /// <summary>False: something is not in order, and nothing was applied.</summary>
    /// <param name="taught">In a lesson: it may be old.</param>
    public bool TryTake(ReadOnlySpan<byte> blocks, bool taught, long nowMs)
    {
        if (!Read(blocks, apply: false, taught, nowMs))
        {
            return false;
        }
        Read(blocks, apply: true, taught, nowMs);
        return true;
    }

    private bool Read(ReadOnlySpan<byte> blocks, bool apply, bool taught, long nowMs)
    {
        BodyReader reader = new(blocks);
        while (!reader.AtEnd)
        {
            var kind = (BlockKind)reader.Byte();
            uint length = reader.UInt32();
            ReadOnlySpan<byte> content = reader.Take(length > int.MaxValue ? -1 : (int)length);
            if (reader.Failed || !Take(kind, content, apply, taught, nowMs))
            {
                return false;
            }
        }
        return true;
    }

    private bool Take(BlockKind kind, ReadOnlySpan<byte> content, bool apply, bool taught, long nowMs) => kind switch
    {
        BlockKind.Stick => TakeStick(content, apply, nowMs),
        BlockKind.Clear => TakeClear(content, apply),
        BlockKind.Setting => TakeSetting(content, apply, taught),
        BlockKind.Knowledge when taught => TakeKnowledge(content, apply),
        _ => TakeUnknown(apply),
    };

    private bool TakeStick(ReadOnlySpan<byte> content, bool apply, long nowMs)
    {
        if (!StickBlock.TryRead(content, out StickBlock block))
        {
            return false;
        }
        if (!apply)
        {
            return true;
        }
        Interlocked.Add(ref _receivedTotal, block.Count);
        TableLink? table = tables.Find(block.Table);
        if (table is null || block.KeyBytes != StickBlockWriter.KeyBytes(table.Table.Model.Key))
        {
            Interlocked.Add(ref _skippedTotal, block.Count);
            return true;
        }
        ReadOnlySpan<int> serverIds = Translate(table, block);
        for (int i = 0; i < block.Count; i++)
        {
            StickUpdate update = block.Entry(i, serverIds);
            if (update.ServerId == 0)
            {
                Interlocked.Increment(ref _skippedTotal);
                continue;
            }
            table.Table.Merge(update, nowMs);
        }
        return true;
    }

    private ReadOnlySpan<int> Translate(TableLink table, in StickBlock block)
    {
        BodyReader reader = new(block.Servers);
        for (int i = 0; i < block.ServerCount; i++)
        {
            uint peersId = reader.UInt32();
            _serverIds[i] = table.LocalId((int)peersId, reader.OptionalName());
        }
        return _serverIds.AsSpan(0, block.ServerCount);
    }

    private bool TakeClear(ReadOnlySpan<byte> content, bool apply)
    {
        if (!ClearBlock.TryRead(content, out ReadOnlySpan<byte> name, out StickVersion upTo))
        {
            return false;
        }
        if (apply)
        {
            Interlocked.Increment(ref _receivedTotal);
            if (tables.Find(name) is { } table)
            {
                table.Table.MergeClear(upTo);
            }
            else
            {
                Interlocked.Increment(ref _skippedTotal);
            }
        }
        return true;
    }

    private bool TakeSetting(ReadOnlySpan<byte> content, bool apply, bool taught)
    {
        if (!SettingBlock.TryRead(content, out ServerSetting setting, out SettingVersion version))
        {
            return false;
        }
        if (apply)
        {
            Interlocked.Increment(ref _receivedTotal);
            Interlocked.Add(ref _skippedTotal, settings.Merge(setting, version, taught) ? 0 : 1);
        }
        return true;
    }

    private bool TakeKnowledge(ReadOnlySpan<byte> content, bool apply)
    {
        BodyReader reader = new(content);
        if (!KnowledgeList.TryRead(ref reader, _streams))
        {
            return false;
        }
        foreach (KnownStream stream in apply ? _streams : [])
        {
            knowledge.Learned(stream);
        }
        return true;
    }

    private bool TakeUnknown(bool apply)
    {
        Interlocked.Add(ref _skippedTotal, apply ? 1 : 0);
        return true;
    }
}
