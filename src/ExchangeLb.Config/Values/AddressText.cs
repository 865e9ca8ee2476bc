using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace ExchangeLb.Config.Values;

internal enum AddressTextKind
{
    Ip,
    UnixPath,
    Descriptor,

    /// <summary>HAProxy knows the prefix; we don't run it.</summary>
    Unsupported,
}

internal enum PortKind
{
    None,
    Fixed,

    /// <summary>`+N`, `-N`: relative to the client's port.</summary>
    Offset,
}

/// <summary>An address as written in a configuration (configuration.txt, 11), cut into its parts but not yet resolved.</summary>
/// <param name="Host">Empty or `*`: any address. For paths the path, for descriptors the number.</param>
/// <param name="Family">InterNetwork or InterNetworkV6 when a prefix asks for it, otherwise Unspecified.</param>
/// <param name="HighPort">Equal to <paramref name="LowPort"/> unless a range was written.</param>
internal sealed record AddressText(AddressTextKind Kind, string Host, AddressFamily Family, PortKind Port, int LowPort, int HighPort)
{
    /// <summary>Before anything is cut.</summary>
    public static AddressText Nothing { get; } = new(AddressTextKind.Ip, "", AddressFamily.Unspecified, PortKind.None, 0, 0);

    private static readonly string[] Ip4Prefixes = ["ipv4@", "udp4@", "tcp4@"];
    private static readonly string[] Ip6Prefixes = ["ipv6@", "udp6@", "tcp6@"];
    private static readonly string[] AnyIpPrefixes = ["ip@", "tcp@", "udp@"];
    private static readonly string[] UnixPrefixes = ["unix@", "uxst@", "uxdg@"];
    private static readonly string[] UnsupportedPrefixes = ["abns@", "sockpair@", "quic4@", "quic6@", "ring@", "rhttp@"];

    /// <summary>What was wrong with <paramref name="text"/>; null: nothing.</summary>
    public static string? TryCut(string text, out AddressText cut)
    {
        cut = Nothing;
        if (text.StartsWith("stream+", StringComparison.Ordinal) || text.StartsWith("dgram+", StringComparison.Ordinal))
        {
            text = text[(text.IndexOf('+', StringComparison.Ordinal) + 1)..];
        }
        if (Prefixed(text, "fd@") is { } number)
        {
            cut = cut with { Kind = AddressTextKind.Descriptor, Host = number };
            return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                ? null : $"'{text}' has no descriptor number";
        }
        if (text.StartsWith('/') || UnixPrefixes.Any(prefix => text.StartsWith(prefix, StringComparison.Ordinal)))
        {
            cut = cut with { Kind = AddressTextKind.UnixPath, Host = text.StartsWith('/') ? text : text[5..] };
            return null;
        }
        if (UnsupportedPrefixes.Any(prefix => text.StartsWith(prefix, StringComparison.Ordinal)))
        {
            cut = cut with { Kind = AddressTextKind.Unsupported, Host = text };
            return null;
        }
        AddressFamily family = FamilyOf(ref text);
        return CutIp(text, family, out cut);
    }

    /// <summary>The address meant; any IPv4 address for `*`, as in HAProxy. Null: the host's name is unknown.</summary>
    public IPAddress? Resolve(Func<string, IReadOnlyList<IPAddress>> resolve)
    {
        if (Host is "" or "*")
        {
            return Family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        }
        IEnumerable<IPAddress> found = TryLiteral(Host) is { } literal ? [literal] : resolve(Host);
        return found.FirstOrDefault(address => Family == AddressFamily.Unspecified || address.AddressFamily == Family);
    }

    /// <summary>A literal address in the form that inet_pton(3) takes; older forms such as 127.1 are left to the resolver.</summary>
    internal static IPAddress? TryLiteral(string text)
    {
        bool plausible = text.Contains(':', StringComparison.Ordinal)
            ? !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
                && !text.Contains('/', StringComparison.Ordinal)
            : text.Count(c => c == '.') == 3 && text.All(c => c == '.' || char.IsAsciiDigit(c))
                && !text.Split('.').Any(part => part.Length > 1 && part[0] == '0');
        return plausible && IPAddress.TryParse(text, out IPAddress? address) ? address : null;
    }

    private static string? Prefixed(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    private static AddressFamily FamilyOf(ref string text)
    {
        foreach ((string[] prefixes, AddressFamily family) in
            new[] { (Ip4Prefixes, AddressFamily.InterNetwork), (Ip6Prefixes, AddressFamily.InterNetworkV6),
                (AnyIpPrefixes, AddressFamily.Unspecified) })
        {
            foreach (string prefix in prefixes)
            {
                if (Prefixed(text, prefix) is { } rest)
                {
                    text = rest;
                    return family;
                }
            }
        }
        return AddressFamily.Unspecified;
    }

    /// <summary>The port stands behind the last colon, so `::1:25` is port 25 of ::1; brackets make it plain.</summary>
    private static string? CutIp(string text, AddressFamily family, out AddressText cut)
    {
        cut = new(AddressTextKind.Ip, text, family, PortKind.None, 0, 0);
        int bracket = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        int colon = bracket < 0 ? text.LastIndexOf(':') : text.IndexOf(':', bracket);
        string host = bracket < 0 ? text[..(colon < 0 ? text.Length : colon)] : text[1..bracket];
        string port = colon < 0 ? "" : text[(colon + 1)..];
        cut = cut with { Host = host };
        if (bracket >= 0 && bracket + 1 != (colon < 0 ? text.Length : colon))
        {
            return $"'{text}' has characters between the bracket and the port";
        }
        return port.Length == 0 ? null : CutPort(port, ref cut);
    }

    private static string? CutPort(string text, ref AddressText cut)
    {
        bool offset = text[0] is '+' or '-';
        int dash = text.IndexOf('-', 1);
        string low = text[(offset ? 1 : 0)..(dash < 0 ? text.Length : dash)];
        string high = dash < 0 ? low : text[(dash + 1)..];
        if (!TryPort(low, out int lowPort) || !TryPort(high, out int highPort))
        {
            return $"has no valid port in '{text}'";
        }
        if (lowPort > highPort || (offset && dash > 0))
        {
            return $"has no valid port range in '{text}'";
        }
        cut = cut with
        {
            Port = offset ? PortKind.Offset : PortKind.Fixed,
            LowPort = text[0] == '-' ? -lowPort : lowPort,
            HighPort = text[0] == '-' ? -lowPort : highPort,
        };
        return null;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65_535;
}
