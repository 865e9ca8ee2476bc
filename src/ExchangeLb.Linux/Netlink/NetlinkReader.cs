using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Netlink;

/// <summary>Walks the messages of one datagram; a length that cannot be true ends the walk.</summary>
internal ref struct NetlinkReader(ReadOnlySpan<byte> datagram)
{
    internal const ushort NLMSG_ERROR = 2;
    internal const ushort NLMSG_DONE = 3;

    private ReadOnlySpan<byte> _rest = datagram;

    internal NetlinkHeader Header { get; private set; }

    /// <summary>What follows the header.</summary>
    internal ReadOnlySpan<byte> Body { get; private set; }

    internal bool Next()
    {
        int size = Unsafe.SizeOf<NetlinkHeader>();
        if (_rest.Length < size)
        {
            return false;
        }
        Header = MemoryMarshal.Read<NetlinkHeader>(_rest);
        if (Header.Length < size || Header.Length > _rest.Length)
        {
            return false;
        }
        Body = _rest[size..(int)Header.Length];
        _rest = _rest[Math.Min(_rest.Length, NetlinkWriter.Aligned((int)Header.Length))..];
        return true;
    }

    /// <summary>The fixed part of the body, if it is there in full.</summary>
    internal readonly bool TryFixed<T>(out T part, out AttributeReader attributes)
        where T : unmanaged
    {
        int size = NetlinkWriter.Aligned(Unsafe.SizeOf<T>());
        bool complete = Body.Length >= size;
        part = complete ? MemoryMarshal.Read<T>(Body) : default;
        attributes = new AttributeReader(complete ? Body[size..] : default);
        return complete;
    }
}

/// <summary>Walks attributes in the same way.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> attributes)
{
    private const ushort TypeMask = 0x3fff;   // NLA_F_NESTED and NLA_F_NET_BYTEORDER are the two bits above

    private ReadOnlySpan<byte> _rest = attributes;

    internal ushort Type { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal bool Next()
    {
        int size = Unsafe.SizeOf<AttributeHeader>();
        if (_rest.Length < size)
        {
            return false;
        }
        AttributeHeader header = MemoryMarshal.Read<AttributeHeader>(_rest);
        if (header.Length < size || header.Length > _rest.Length)
        {
            return false;
        }
        Type = (ushort)(header.Type & TypeMask);
        Value = _rest[size..header.Length];
        _rest = _rest[Math.Min(_rest.Length, NetlinkWriter.Aligned(header.Length))..];
        return true;
    }

    /// <summary>A string attribute without its zero.</summary>
    internal readonly string Text => System.Text.Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    internal readonly uint Number => Value.Length >= sizeof(uint) ? MemoryMarshal.Read<uint>(Value) : 0;
}
