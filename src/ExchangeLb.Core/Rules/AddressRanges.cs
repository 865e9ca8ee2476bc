using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Rules;

/// <summary>
/// Networks as ranges of IPv6 addresses. An IPv4 network stands for its mapped addresses and, as in HAProxy, for the 6to4
/// addresses (RFC 3056) that carry an address of it.
/// </summary>
internal static class AddressRanges
{
    private const int Mapped4Bits = 96;
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
            ranges.Add(Range(((UInt128)0xFFFF << 32) | address, Mapped4Bits + network.PrefixLength));
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
