using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Netlink;

/// <summary>Puts one netlink message together: header, fixed part, attributes, each padded to four bytes (netlink(3)).</summary>
internal ref struct NetlinkWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    internal NetlinkWriter(Span<byte> buffer, ushort type, NetlinkFlags flags, uint sequence)
    {
        _buffer = buffer;
        NetlinkHeader header = new() { Type = type, Flags = (ushort)flags, Sequence = sequence };
        Put(header);
    }

    /// <summary>The fixed part that follows the header.</summary>
    internal void Put<T>(scoped in T part)
        where T : unmanaged
    {
        MemoryMarshal.Write(_buffer[_length..], in part);
        _length += Aligned(Unsafe.SizeOf<T>());
    }

    internal void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        int length = Unsafe.SizeOf<AttributeHeader>() + value.Length;
        AttributeHeader header = new() { Length = (ushort)length, Type = type };
        MemoryMarshal.Write(_buffer[_length..], in header);
        value.CopyTo(_buffer[(_length + Unsafe.SizeOf<AttributeHeader>())..]);
        _buffer[(_length + length)..(_length + Aligned(length))].Clear();
        _length += Aligned(length);
    }

    internal void Attribute<T>(ushort type, scoped in T value)
        where T : unmanaged => Attribute(type, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1)));

    /// <summary>The message, complete.</summary>
    internal readonly ReadOnlySpan<byte> End()
    {
        MemoryMarshal.Write(_buffer, (uint)_length);
        return _buffer[.._length];
    }

    internal static int Aligned(int length) => (length + 3) & ~3;
}

/// <summary>Flags of a request (netlink(7)).</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    NLM_F_REQUEST = 1,
    NLM_F_ACK = 4,
    NLM_F_REPLACE = 0x100,
    NLM_F_EXCL = 0x200,
    NLM_F_CREATE = 0x400,
    NLM_F_DUMP = 0x300,
}
