using System;
using System.Buffers.Binary;

namespace ExchangeLb.Linux.Repair;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Gives zeroes, and says that it failed, where bytes are missing.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _source = source;

    internal bool Failed { get; private set; }

    internal readonly int Left => _source.Length;

    internal byte Byte() => Take(sizeof(byte)) is [byte value] ? value : (byte)0;

    internal ushort Short() => Take(sizeof(ushort)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;

    internal uint Int() => Take(sizeof(uint)) is { Length: > 0 } bytes ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    internal ReadOnlySpan<byte> Bytes(int count) => Take(count);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || count > _source.Length)
        {
            Failed = true;
            return [];
        }
        ReadOnlySpan<byte> taken = _source[..count];
        _source = _source[count..];
        return taken;
    }
}
