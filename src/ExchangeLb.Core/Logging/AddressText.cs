using System;
using System.Globalization;

namespace ExchangeLb.Core.Logging;

/// <summary>Addresses as text without making an object of them.</summary>
public static class AddressText
{
    private const int Groups = 8;

    /// <summary>`address:port` without brackets, as HAProxy logs it: `192.0.2.1:443`, `2001:db8::1:443`.</summary>
    /// <param name="address">IPv6, or IPv4 as ::ffff:a.b.c.d, which is written as IPv4.</param>
    public static void AddEndpoint(ref LineWriter line, UInt128 address, int port)
    {
        AddAddress(ref line, address);
        line.Add((byte)':');
        line.Add(port);
    }

    /// <param name="address">IPv6, or IPv4 as ::ffff:a.b.c.d, which is written as IPv4.</param>
    public static void AddAddress(ref LineWriter line, UInt128 address)
    {
        if (address >> 32 == 0xFFFF)
        {
            AddV4(ref line, (uint)address);
        }
        else
        {
            AddV6(ref line, address);
        }
    }

    private static void AddV4(ref LineWriter line, uint address)
    {
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            line.Add((long)((address >> shift) & 0xFF));
            if (shift > 0)
            {
                line.Add((byte)'.');
            }
        }
    }

    /// <summary>RFC 5952, 4: lower case, no leading zeros, the first of the longest runs of zeros (two or more) as `::`.</summary>
    private static void AddV6(ref LineWriter line, UInt128 address)
    {
        (int start, int length) = LongestZeros(address);
        Span<byte> hex = stackalloc byte[4];
        for (int i = 0; i < Groups; i++)
        {
            if (i == start)
            {
                line.Add("::"u8);
                i += length - 1;
                continue;
            }
            if (i > 0 && i != start + length)
            {
                line.Add((byte)':');
            }
            Group(address, i).TryFormat(hex, out int written, "x", CultureInfo.InvariantCulture);
            line.Add(hex[..written]);
        }
    }

    private static (int Start, int Length) LongestZeros(UInt128 address)
    {
        (int Start, int Length) best = (-1, 1);
        int run = 0;
        for (int i = 0; i < Groups; i++)
        {
            run = Group(address, i) == 0 ? run + 1 : 0;
            if (run > best.Length)
            {
                best = (i - run + 1, run);
            }
        }
        return best.Start < 0 ? (-1, 0) : best;
    }

    private static ushort Group(UInt128 address, int index) => (ushort)(address >> (112 - (16 * index)));
}
