using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ExchangeLb.Linux.Netlink;

namespace ExchangeLb.Linux.Nftables;

/// <summary>
/// Changes of sets' elements, put together as the messages of one nfnetlink transaction (linux/netfilter/nf_tables.h). It needs no more of the kernel than
/// the names of tables and sets, where nft reads all tables of the host before each command: with 60 tables of others that took 41-69 ms.
/// </summary>
public sealed class ElementBatch
{
    /// <summary>Far more than a transaction on one address needs.</summary>
    public const int MaxBytes = 8 * 1024;

    private const ushort NFNL_MSG_BATCH_BEGIN = 0x10;
    private const ushort NFNL_MSG_BATCH_END = 0x11;
    private const ushort NFNL_SUBSYS_NFTABLES = 10;
    private const ushort NFT_MSG_NEWSETELEM = (NFNL_SUBSYS_NFTABLES << 8) | 12;
    private const ushort NFT_MSG_DELSETELEM = (NFNL_SUBSYS_NFTABLES << 8) | 14;
    private const ushort NFTA_SET_ELEM_LIST_TABLE = 1;
    private const ushort NFTA_SET_ELEM_LIST_SET = 2;
    private const ushort NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    private const ushort NFTA_LIST_ELEM = 1;
    private const ushort NFTA_SET_ELEM_KEY = 1;
    private const ushort NFTA_SET_ELEM_TIMEOUT = 4;
    private const ushort NFTA_DATA_VALUE = 1;
    private const ushort NLA_F_NESTED = 0x8000;

    private readonly byte[] _bytes = new byte[MaxBytes];
    private int _length;
    private int _lastMessage;

    /// <summary>Empties it for another transaction.</summary>
    public ElementBatch Begin()
    {
        _length = 0;
        Message(NFNL_MSG_BATCH_BEGIN, NetlinkFlags.NLM_F_REQUEST, new NetfilterMessage { ResourceId = BinaryPrimitives.ReverseEndianness(NFNL_SUBSYS_NFTABLES) });
        return this;
    }

    /// <summary>Nothing changes where it is there already.</summary>
    /// <param name="key">As it is on the wire; parts of a key in the order of the set's type, each padded to four bytes.</param>
    /// <param name="timeoutMs">0: it stays until it is deleted.</param>
    public ElementBatch Add(NftSet set, ReadOnlySpan<byte> key, long timeoutMs = 0) => New(set, key, timeoutMs, NetlinkFlags.NLM_F_CREATE);

    /// <summary>Fails the transaction where it is there already.</summary>
    public ElementBatch Create(NftSet set, ReadOnlySpan<byte> key, long timeoutMs) =>
        New(set, key, timeoutMs, NetlinkFlags.NLM_F_CREATE | NetlinkFlags.NLM_F_EXCL);

    /// <summary>Fails the transaction where it has expired or is not there.</summary>
    public ElementBatch Delete(NftSet set, ReadOnlySpan<byte> key)
    {
        Open(NFT_MSG_DELSETELEM, 0, set);
        Element(key, 0);
        return this;
    }

    /// <summary>Deletes all elements.</summary>
    public ElementBatch Flush(NftSet set)
    {
        Open(NFT_MSG_DELSETELEM, 0, set);
        return this;
    }

    /// <summary>The messages, complete: the last change is acknowledged.</summary>
    /// <param name="sequence">The number before theirs on the socket that they go by; then the last of theirs.</param>
    /// <param name="acknowledged">The number of the last change, whose answer is that of all.</param>
    internal ReadOnlySpan<byte> End(ref uint sequence, out uint acknowledged)
    {
        Header(_lastMessage).Flags |= (ushort)NetlinkFlags.NLM_F_ACK;
        Message(NFNL_MSG_BATCH_END, NetlinkFlags.NLM_F_REQUEST, new NetfilterMessage { ResourceId = BinaryPrimitives.ReverseEndianness(NFNL_SUBSYS_NFTABLES) });
        for (int at = 0; at < _length; at += NetlinkWriter.Aligned((int)Header(at).Length)) { Header(at).Sequence = ++sequence; }
        acknowledged = sequence - 1;
        return _bytes.AsSpan(0, _length);
    }

    private ref NetlinkHeader Header(int message) => ref MemoryMarshal.AsRef<NetlinkHeader>(_bytes.AsSpan(message));

    private ElementBatch New(NftSet set, ReadOnlySpan<byte> key, long timeoutMs, NetlinkFlags flags)
    {
        Open(NFT_MSG_NEWSETELEM, flags, set);
        Element(key, timeoutMs);
        return this;
    }

    private void Open(ushort type, NetlinkFlags flags, NftSet set)
    {
        Message(type, NetlinkFlags.NLM_F_REQUEST | flags, new NetfilterMessage { Family = (byte)set.Family });
        Name(NFTA_SET_ELEM_LIST_TABLE, set.Table);
        Name(NFTA_SET_ELEM_LIST_SET, set.Name);
        Lengthen(_lastMessage);
    }

    private void Element(ReadOnlySpan<byte> key, long timeoutMs)
    {
        int elements = OpenNested(NFTA_SET_ELEM_LIST_ELEMENTS);
        int element = OpenNested(NFTA_LIST_ELEM);
        int keyStart = OpenNested(NFTA_SET_ELEM_KEY);
        Attribute(NFTA_DATA_VALUE, key);
        Close(keyStart);
        if (timeoutMs > 0)
        {
            Span<byte> timeout = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(timeout, timeoutMs);
            Attribute(NFTA_SET_ELEM_TIMEOUT, timeout);
        }
        Close(element);
        Close(elements);
        Lengthen(_lastMessage);
    }

    private void Message(ushort type, NetlinkFlags flags, NetfilterMessage part)
    {
        _lastMessage = _length;
        Put(new NetlinkHeader { Type = type, Flags = (ushort)flags });
        Put(part);
        Lengthen(_lastMessage);
    }

    private void Name(ushort type, string name)
    {
        Span<byte> text = stackalloc byte[64];   // longer than NFT_NAME_MAXLEN would need only what nobody names so
        int length = Encoding.ASCII.GetBytes(name, text);
        text[length] = 0;
        Attribute(type, text[..(length + 1)]);
    }

    private void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        int size = Unsafe.SizeOf<AttributeHeader>() + value.Length;
        Put(new AttributeHeader { Length = (ushort)size, Type = type });
        value.CopyTo(_bytes.AsSpan(_length));
        int padded = NetlinkWriter.Aligned(value.Length);
        _bytes.AsSpan(_length + value.Length, padded - value.Length).Clear();
        _length += padded;
    }

    private int OpenNested(ushort type)
    {
        int start = _length;
        Put(new AttributeHeader { Type = (ushort)(type | NLA_F_NESTED) });
        return start;
    }

    private void Close(int nested) => MemoryMarshal.AsRef<AttributeHeader>(_bytes.AsSpan(nested)).Length = (ushort)(_length - nested);

    private void Lengthen(int message) => MemoryMarshal.AsRef<NetlinkHeader>(_bytes.AsSpan(message)).Length = (uint)(_length - message);

    private void Put<T>(in T part)
        where T : unmanaged
    {
        MemoryMarshal.Write(_bytes.AsSpan(_length), in part);
        _length += NetlinkWriter.Aligned(Unsafe.SizeOf<T>());
    }
}

/// <summary>A set, by its names.</summary>
public sealed record NftSet(NftFamily Family, string Table, string Name);

/// <summary>NFPROTO_* (linux/netfilter.h).</summary>
public enum NftFamily : byte
{
    Inet = 1,
    Arp = 3,
    Netdev = 5,
}
