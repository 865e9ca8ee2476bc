using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace ExchangeLb.Config.Values;

/// <summary>
/// `10.0.0.0/8`, `10.1.2.3`, `10.0.0.0/255.0.0.0`, `fd00::/8`, or a host name (configuration.txt, 7.1.6). Host bits are cut off.
/// </summary>
internal static class NetworkText
{
    /// <summary>Null: not an address, not a contiguous mask, or an unknown name.</summary>
    public static IPNetwork? Parse(string text, Func<string, IReadOnlyList<IPAddress>> resolve)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? text : text[..slash];
        IPAddress? address = host.Length == 0 ? null : AddressText.TryLiteral(host) ?? First(resolve(host));
        if (address is null)
        {
            return null;
        }
        int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int? prefix = slash < 0 ? bits : Prefix(text[(slash + 1)..], bits);
        return prefix is { } length ? new IPNetwork(Mask(address, length), length) : null;
    }

    private static IPAddress? First(IReadOnlyList<IPAddress> addresses) => addresses.Count > 0 ? addresses[0] : null;

    private static int? Prefix(string text, int bits)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length))
        {
            return length <= bits ? length : null;
        }
        if (bits != 32 || AddressText.TryLiteral(text) is not { AddressFamily: AddressFamily.InterNetwork } mask)
        {
            return null;
        }
        uint value = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(mask.GetAddressBytes());
        int ones = BitOperations.LeadingZeroCount(~value);
        return ones == BitOperations.PopCount(value) ? ones : null;
    }

    private static IPAddress Mask(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF00 >> kept);
        }
        return new(bytes);
    }
}
