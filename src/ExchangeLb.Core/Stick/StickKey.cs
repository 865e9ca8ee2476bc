using System;
using System.Net;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Stick;

/// <summary>Makes a table's key of a client's address, as HAProxy converts a sample to the table's type.</summary>
public static class StickKey
{
    private const uint MappedPrefix = 0xFFFF;

    /// <summary>
    /// `type ip`: the 32 bits of an IPv4 address; false for a true IPv6 address, which such a table cannot hold.
    /// `type ipv6`: the address itself, IPv4 as ::ffff:a.b.c.d.
    /// </summary>
    /// <param name="mappedAddress">IPv6, or IPv4 as ::ffff:a.b.c.d.</param>
    public static bool FromAddress(UInt128 mappedAddress, StickKeyKind kind, out UInt128 key)
    {
        if (kind == StickKeyKind.IPv6)
        {
            key = mappedAddress;
            return true;
        }
        key = (uint)mappedAddress;
        return mappedAddress >> 32 == MappedPrefix;
    }

    /// <summary>The way back, for people.</summary>
    public static IPAddress ToAddress(UInt128 key, StickKeyKind kind)
    {
        if (kind == StickKeyKind.IPv4)
        {
            Span<byte> four = stackalloc byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(four, (uint)key);
            return new IPAddress(four);
        }
        Span<byte> sixteen = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(sixteen, key);
        return new IPAddress(sixteen);
    }
}
