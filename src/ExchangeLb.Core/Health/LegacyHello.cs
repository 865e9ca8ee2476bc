using System;
using System.Buffers.Binary;

namespace ExchangeLb.Core.Health;

/// <summary>
/// The hello that HAProxy 2.6 sends for `option ssl-hello-chk`, byte for byte: SSL 3.0 (RFC 6101, 5.6.1.2), 39 cipher suites, no
/// extensions. For servers that were made to answer it; TLS servers of today refuse it with an alert or in silence.
/// </summary>
public static class LegacyHello
{
    public const int Length = 126;

    /// <summary>Record header, client_hello header and version: everything before the random.</summary>
    private static ReadOnlySpan<byte> Header => [0x16, 0x03, 0x00, 0x00, 0x79, 0x01, 0x00, 0x00, 0x75, 0x03, 0x00];

    /// <summary>The random behind its time: bytes that name the sender.</summary>
    private static ReadOnlySpan<byte> Sender => "HAPROXYSSLCHK\nHAPROXYSSLCHK\n"u8;

    private static ReadOnlySpan<byte> Offer =>
    [
        0x00,       // no session id
        0x00, 0x4E, // 39 cipher suites
        0x00, 0x01, 0x00, 0x02, 0x00, 0x03, 0x00, 0x04, 0x00, 0x05, 0x00, 0x06, 0x00, 0x07, 0x00, 0x08,
        0x00, 0x09, 0x00, 0x0A, 0x00, 0x0B, 0x00, 0x0C, 0x00, 0x0D, 0x00, 0x0E, 0x00, 0x0F, 0x00, 0x10,
        0x00, 0x11, 0x00, 0x12, 0x00, 0x13, 0x00, 0x14, 0x00, 0x15, 0x00, 0x16, 0x00, 0x17, 0x00, 0x18,
        0x00, 0x19, 0x00, 0x1A, 0x00, 0x1B, 0x00, 0x2F, 0x00, 0x30, 0x00, 0x31, 0x00, 0x32, 0x00, 0x33,
        0x00, 0x34, 0x00, 0x35, 0x00, 0x36, 0x00, 0x37, 0x00, 0x38, 0x00, 0x39, 0x00, 0x3A,
        0x01, 0x00, // compression: none
    ];

    /// <summary>Writes the record; returns <see cref="Length"/>, which <paramref name="destination"/> must hold.</summary>
    /// <param name="unixSeconds">Time of day, the first part of an SSL 3.0 random.</param>
    public static int Write(Span<byte> destination, uint unixSeconds)
    {
        Header.CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[Header.Length..], unixSeconds);
        Sender.CopyTo(destination[(Header.Length + sizeof(uint))..]);
        Offer.CopyTo(destination[(Header.Length + sizeof(uint) + Sender.Length)..]);
        return Length;
    }
}
