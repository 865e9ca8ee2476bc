using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using ExchangeLb.Cluster.Replication.Tables;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>
/// Writes entries of one table as a block: table (name); bytes of a key (1: 4 or 16); bytes of an entry (1; a later release may append to
/// it); count (2); the entries; servers (2); each server's id (4) and name, empty: the id is all that is known. An entry: key; server's index
/// (2), 0xFFFF: cleared; remaining ms (4), 0xFFFFFFFF: for ever; epoch (4); sequence (8); writer (4).
/// </summary>
internal sealed class StickBlockWriter(ReplicationBody body)
{
    public const ushort ClearedIndex = 0xFFFF;
    public const uint ForEver = uint.MaxValue;

    /// <summary>Servers that one block may name.</summary>
    public const int ServersMax = 4096;

    /// <summary>Bytes of an entry besides its key.</summary>
    public const int ValueBytes = 2 + 4 + 4 + 8 + 4;

    private const int BlockHeadBytes = 5;

    private readonly Dictionary<int, ushort> _indexes = [];
    private readonly List<int> _ids = [];
    private TableLink? _table;
    private int _mark;
    private int _countAt;
    private ushort _count;
    private int _serverBytes;
    private int _keyBytes;

    /// <summary>False: there is no room for a block with a single entry.</summary>
    public bool TryBegin(TableLink table)
    {
        _keyBytes = KeyBytes(table.Table.Model.Key);
        int least = BlockHeadBytes + 2 + table.NameBytes.Length + 4 + 2 + _keyBytes + ValueBytes + 6 + WireFields.NameMaxBytes;
        if (body.Room < least)
        {
            return false;
        }
        _table = table;
        _mark = body.BeginBlock(BlockKind.Stick);
        body.Name(table.NameBytes);
        body.Byte((byte)_keyBytes);
        body.Byte((byte)(_keyBytes + ValueBytes));
        _countAt = body.Length;
        body.UInt16(0);
        _count = 0;
        _serverBytes = 2;
        _indexes.Clear();
        _ids.Clear();
        return true;
    }

    /// <summary>False: it does not fit any more.</summary>
    public bool TryAdd(in StickUpdate update)
    {
        ushort index = ClearedIndex;
        if (update.ServerId != StickUpdate.Cleared && !TryIndex(update.ServerId, out index))
        {
            return false;
        }
        if (body.Room < _keyBytes + ValueBytes + _serverBytes)
        {
            return false;
        }
        if (_keyBytes == 4)
        {
            body.UInt32((uint)update.Key);
        }
        else
        {
            BinaryPrimitives.WriteUInt128LittleEndian(body.Take(16), update.Key);
        }
        body.UInt16(index);
        body.UInt32(update.RemainingMs == StickTable.NeverMs ? ForEver : (uint)Math.Clamp(update.RemainingMs, 1, ForEver - 1));
        body.Version(update.Version);
        _count++;
        return true;
    }

    /// <summary>Closes the block, or takes it back when nothing was added.</summary>
    public void End()
    {
        if (_count == 0)
        {
            body.CutTo(_mark - BlockHeadBytes);
            return;
        }
        body.SetUInt16(_countAt, _count);
        body.UInt16((ushort)_ids.Count);
        foreach (int id in _ids)
        {
            body.UInt32((uint)id);
            body.Name(_table!.NameOf(id));
        }
        body.EndBlock(_mark);
    }

    public static int KeyBytes(StickKeyKind kind) => kind == StickKeyKind.IPv4 ? 4 : 16;

    private bool TryIndex(int serverId, out ushort index)
    {
        if (_indexes.TryGetValue(serverId, out index))
        {
            return true;
        }
        int bytes = 6 + _table!.NameOf(serverId).Length;
        if (_ids.Count == ServersMax || body.Room < _keyBytes + ValueBytes + _serverBytes + bytes)
        {
            return false;
        }
        index = (ushort)_ids.Count;
        _indexes.Add(serverId, index);
        _ids.Add(serverId);
        _serverBytes += bytes;
        return true;
    }
}
