using System;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Values;

namespace ExchangeLb.Config.Cluster;

/// <summary>Addresses of cluster.cfg are literal: a cluster that needs DNS to come up is down when DNS is.</summary>
internal static class ClusterAddress
{
    /// <summary>Null after an alert.</summary>
    public static IPAddress? Read(string text, Arguments line)
    {
        if (AddressText.TryLiteral(text) is not { } address)
        {
            line.Alert(text.Length == 0 ? "has an empty address" : $"takes IP addresses, not '{text}'", "write for example 192.168.200.21 or fd00::21");
            return null;
        }
        if (WhyUnusable(address) is { } why)
        {
            line.Alert($"can't use '{text}': {why}", "write an address that one host of the network has");
            return null;
        }
        return address;
    }

    /// <summary>`ADDRESS/LENGTH`. Null after an alert.</summary>
    public static (IPAddress Address, int Length)? ReadWithLength(string text, Arguments line)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            line.Alert($"lacks the length of its network's prefix in '{text}'", $"write for example {text}/24, as 'ip address' shows it for the device");
            return null;
        }
        if (Read(text[..slash], line) is not { } address)
        {
            return null;
        }
        int bits = Bits(address);
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length < 1 || length > bits)
        {
            line.Alert($"has no valid prefix length in '{text}'", $"write one from 1 to {bits}");
            return null;
        }
        if (IsEdgeOf(address, length))
        {
            line.Alert($"can't use '{text}': it is the network's own address or its broadcast address", "write an address in between");
            return null;
        }
        return (address, length);
    }

    public static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    private static string? WhyUnusable(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? "it means any address"
        : address.Equals(IPAddress.Broadcast) ? "it is the broadcast address"
        : address.IsIPv6Multicast || IsIPv4Multicast(address) ? "it is a multicast address"
        : address.IsIPv4MappedToIPv6 ? $"it is an IPv4 address in disguise, write {address.MapToIPv4()}"
        : address.IsIPv6LinkLocal ? "a link-local address means nothing without its device"
        : null;

    private static bool IsIPv4Multicast(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && (address.GetAddressBytes()[0] & 0xF0) == 0xE0;

    /// <summary>All host bits 0 or all 1 (RFC 1122, 3.2.1.3); /31 and /32 have neither (RFC 3021).</summary>
    private static bool IsEdgeOf(IPAddress address, int length)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork || length > 30)
        {
            return false;
        }
        uint host = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) & (uint.MaxValue >> length);
        return host == 0 || host == uint.MaxValue >> length;
    }
}
