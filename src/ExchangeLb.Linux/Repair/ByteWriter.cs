using System;
using System.Buffers.Binary;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>Writes numbers one behind the other, most significant byte first.</summary>
internal ref struct ByteWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    internal int Written { get; private set; }

    internal void Byte(byte value) => _target[Written++] = value;

    internal void Short(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_target[Written..], value);
        Written += sizeof(ushort);
    }

    internal void Int(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_target[Written..], value);
        Written += sizeof(uint);
    }

    internal void Address(in SockAddress address)
    {
        Bytes(AddressForm.Bytes(address));
        Short((ushort)address.Port);
    }

    internal void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_target[Written..]);
        Written += bytes.Length;
    }
}
