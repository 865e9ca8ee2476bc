using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Sockets;

/// <summary>A sockaddr_in or sockaddr_in6 in the kernel's layout (ip(7), ipv6(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SockAddress
{
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    internal const int Capacity = 28;

    private ushort _family;
    private ushort _portBigEndian;
    private InlineBytes _rest;

    public readonly int Family => _family;

    /// <summary>Bytes of it that a call takes: 16 for IPv4, 28 for IPv6.</summary>
    public readonly uint Length => _family == AF_INET ? 16u : 28u;

    public readonly int Port => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(_portBigEndian) : _portBigEndian;

    /// <summary>The address as IPv6, an IPv4 one mapped (::ffff:a.b.c.d; RFC 4291, 2.5.5.2), most significant byte first.</summary>
    public readonly UInt128 Mapped
    {
        get
        {
            ReadOnlySpan<byte> bytes = _rest;
            return _family == AF_INET
                ? new UInt128(0, 0x0000_FFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes))
                : BinaryPrimitives.ReadUInt128BigEndian(bytes[4..]);
        }
    }

    public static SockAddress From(IPEndPoint endPoint)
    {
        var address = new SockAddress
        {
            _family = endPoint.AddressFamily == AddressFamily.InterNetwork ? (ushort)AF_INET : (ushort)AF_INET6,
            _portBigEndian = BinaryPrimitives.ReverseEndianness((ushort)endPoint.Port),
        };
        Span<byte> rest = address._rest;
        if (address._family == AF_INET)
        {
            endPoint.Address.TryWriteBytes(rest, out _);
            return address;
        }
        endPoint.Address.TryWriteBytes(rest[4..], out _);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[20..], (uint)endPoint.Address.ScopeId);
        return address;
    }

    /// <summary>The same address with another port, 0..65535.</summary>
    public readonly SockAddress WithPort(int port)
    {
        SockAddress copy = this;
        copy._portBigEndian = BinaryPrimitives.ReverseEndianness((ushort)port);
        return copy;
    }

    /// <summary>The bytes that a call would be given.</summary>
    public readonly byte[] ToBytes()
    {
        var bytes = new byte[Length];
        SockAddress copy = this;
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref copy, 1))[..bytes.Length].CopyTo(bytes);
        return bytes;
    }

    public readonly IPEndPoint ToEndPoint()
    {
        ReadOnlySpan<byte> bytes = _rest;
        return _family == AF_INET
            ? new IPEndPoint(new IPAddress(bytes[..4]), Port)
            : new IPEndPoint(new IPAddress(bytes.Slice(4, 16), BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..])), Port);
    }

    public override readonly string ToString() => _family is AF_INET or AF_INET6 ? ToEndPoint().ToString() : $"family {_family}";

    [InlineArray(24)]
    private struct InlineBytes
    {
        private byte _first;
    }
}
