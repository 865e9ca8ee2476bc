using System;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>Addresses as images have them: IPv4 as IPv4 also where the socket was one of IPv6, and without a scope.</summary>
internal static class AddressForm
{
    private const int V4Offset = 4;     // sockaddr_in: family, port, address (ip(7))
    private const int V6Offset = 8;     // sockaddr_in6: family, port, flow, address, scope (ipv6(7))

    internal static bool IsLinkLocal(in SockAddress address) =>
        address.Family == SockAddress.AF_INET6 && (address.Mapped >> 118) == 0x3FA;     // fe80::/10 (RFC 4291, 2.4)

    internal static SockAddress Plain(in SockAddress address)
    {
        if (address.Family == SockAddress.AF_INET) { return Of(SockAddress.AF_INET, Bytes(address), address.Port); }
        UInt128 number = address.Mapped;
        return number >> 32 == 0xFFFF
            ? Of(SockAddress.AF_INET, Bytes(address)[12..], address.Port)
            : Of(SockAddress.AF_INET6, Bytes(address), address.Port);
    }

    /// <summary>The address alone, 4 or 16 bytes, most significant first.</summary>
    internal static ReadOnlySpan<byte> Bytes(in SockAddress address)
    {
        ReadOnlySpan<byte> raw = MemoryMarshal.AsBytes(new ReadOnlySpan<SockAddress>(in address));
        return address.Family == SockAddress.AF_INET ? raw.Slice(V4Offset, 4) : raw.Slice(V6Offset, 16);
    }

    internal static SockAddress Of(int family, ReadOnlySpan<byte> bytes, int port)
    {
        SockAddress address = default;
        Span<byte> raw = MemoryMarshal.AsBytes(new Span<SockAddress>(ref address));
        MemoryMarshal.Write(raw, (ushort)family);
        bytes.CopyTo(family == SockAddress.AF_INET ? raw.Slice(V4Offset, 4) : raw.Slice(V6Offset, 16));
        return address.WithPort(port);
    }
}
