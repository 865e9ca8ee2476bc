using System;
using System.Buffers.Binary;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>A block of entries as it was received, every field in bounds. Layout: <see cref="StickBlockWriter"/>.</summary>
internal readonly ref struct StickBlock
{
    private readonly ReadOnlySpan<byte> _entries;
    private readonly int _entryBytes;

    private StickBlock(ReadOnlySpan<byte> table, int keyBytes, int entryBytes, ReadOnlySpan<byte> entries, int serverCount, ReadOnlySpan<byte> servers)
    {
        Table = table;
        KeyBytes = keyBytes;
        _entryBytes = entryBytes;
        _entries = entries;
        ServerCount = serverCount;
        Servers = servers;
    }

    public ReadOnlySpan<byte> Table { get; }
    public int KeyBytes { get; }
    public int ServerCount { get; }

    /// <summary>Id (4) and name of each server.</summary>
    public ReadOnlySpan<byte> Servers { get; }

    public int Count => _entries.Length / _entryBytes;

    public static bool TryRead(ReadOnlySpan<byte> content, out StickBlock block)
    {
        BodyReader reader = new(content);
        ReadOnlySpan<byte> table = reader.Name();
        int keyBytes = reader.Byte();
        int entryBytes = reader.Byte();
        reader.Require(keyBytes is 4 or 16 && entryBytes >= keyBytes + StickBlockWriter.ValueBytes);
        ReadOnlySpan<byte> entries = reader.Take(reader.UInt16() * entryBytes);
        int serverCount = reader.UInt16();
        reader.Require(serverCount <= StickBlockWriter.ServersMax);
        ReadOnlySpan<byte> servers = reader.TakeRest();
        block = new StickBlock(table, keyBytes, entryBytes, entries, serverCount, servers);
        return !reader.Failed && AreServers(servers, serverCount) && block.AreEntries();
    }

    /// <param name="serverIds">This node's ids by the block's indexes.</param>
    public StickUpdate Entry(int index, ReadOnlySpan<int> serverIds)
    {
        ReadOnlySpan<byte> entry = _entries.Slice(index * _entryBytes, _entryBytes);
        UInt128 key = KeyBytes == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(entry) : BinaryPrimitives.ReadUInt128LittleEndian(entry);
        BodyReader reader = new(entry[KeyBytes..]);
        int server = reader.UInt16();
        uint remaining = reader.UInt32();
        return new StickUpdate(
            key,
            server == StickBlockWriter.ClearedIndex ? StickUpdate.Cleared : serverIds[server],
            remaining == StickBlockWriter.ForEver ? StickTable.NeverMs : remaining,
            reader.Version());
    }

    private static bool AreServers(ReadOnlySpan<byte> servers, int count)
    {
        BodyReader reader = new(servers);
        for (int i = 0; i < count; i++)
        {
            reader.Require(reader.UInt32() is > 0 and <= int.MaxValue);
            reader.OptionalName();
        }
        return reader.WellDone;
    }

    private bool AreEntries()
    {
        bool well = true;
        for (int at = 0; at < _entries.Length; at += _entryBytes)
        {
            BodyReader reader = new(_entries.Slice(at + KeyBytes, StickBlockWriter.ValueBytes));
            int server = reader.UInt16();
            well &= (server < ServerCount || server == StickBlockWriter.ClearedIndex) && reader.UInt32() > 0;
            reader.Version();
            well &= reader.WellDone;
        }
        return well;
    }
}
