using System;
using System.Buffers.Binary;
using System.Globalization;

namespace ExchangeLb.Linux.Frames;

/// <summary>A 48-bit Ethernet address; its first byte on the wire is the highest of the value.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public const int Length = 6;

    public static MacAddress Broadcast { get; } = new(0xFFFF_FFFF_FFFF);

    /// <summary>Where the frames of an IPv6 multicast group go (RFC 2464, 7): 33:33 and the group's last four bytes.</summary>
    public static MacAddress ForGroup(UInt128 group) => new(0x3333_0000_0000UL | (uint)group);

    public static MacAddress Read(ReadOnlySpan<byte> bytes) =>
        new(((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)Value);
    }

    public override string ToString()
    {
        string digits = Value.ToString("x12", CultureInfo.InvariantCulture);
        return string.Join(':', digits[..2], digits[2..4], digits[4..6], digits[6..8], digits[8..10], digits[10..]);
    }
}
