using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Rules;

/// <summary>
/// Networks as ranges of IPv6 addresses. An IPv4 network stands for its mapped addresses and, as in HAProxy, for the IPv6
/// addresses that carry one of its addresses: IPv4-compatible ones (RFC 4291, 2.5.5.1) and 6to4 ones (RFC 3056).
/// </summary>
internal static class AddressRanges
{
    private const int CompatibleBits = 96;
    private const int MappedBits = 96;
    private const int SixToFourBits = 16;

    public static List<(UInt128 Low, UInt128 High)> Of(AddressTestModel test)
    {
        List<(UInt128, UInt128)> ranges = [];
        foreach (IPNetwork network in test.Networks)
        {
            UInt128 address = ToNumber(network.BaseAddress);
            if (network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6)
            {
                ranges.Add(Range(address, network.PrefixLength));
                continue;
            }
            ranges.Add(Range(((UInt128)0xFFFF << 32) | address, MappedBits + network.PrefixLength));
            ranges.Add(Range(address, CompatibleBits + network.PrefixLength));
            ranges.Add(Range(((UInt128)0x2002 << 112) | (address << 80), SixToFourBits + network.PrefixLength));
        }
        return ranges;
    }

    private static (UInt128 Low, UInt128 High) Range(UInt128 address, int prefixLength)
    {
        UInt128 rest = prefixLength == 0 ? UInt128.MaxValue : (UInt128.One << (128 - prefixLength)) - 1;
        return (address & ~rest, address | rest);
    }

    private static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        bool is4 = address.AddressFamily == AddressFamily.InterNetwork;
        address.TryWriteBytes(is4 ? bytes[12..] : bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
