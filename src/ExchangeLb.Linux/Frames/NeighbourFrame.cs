using System;
using System.Buffers.Binary;

namespace ExchangeLb.Linux.Frames;

/// <summary>
/// A neighbour solicitation or advertisement (RFC 4861, 4.3 and 4.4) with its IPv6 and Ethernet headers. Addresses are numbers, the first
/// byte highest.
/// </summary>
/// <param name="LinkLayer">Of the option, source (solicitation) or target (advertisement); null: it has none.</param>
public readonly record struct NeighbourFrame(
    MacAddress DestinationMac, MacAddress SourceMac, UInt128 Source, UInt128 Destination,
    NeighbourMessageKind Kind, NeighbourFlags Flags, UInt128 Target, MacAddress? LinkLayer)
{
    /// <summary>14 of Ethernet, 40 of IPv6, 24 of ICMPv6, and 8 of the option.</summary>
    public const int MaxLength = 86;

    public const ushort EtherType = 0x86dd;

    private const int WithoutOption = 78;
    private const byte IcmpV6 = 58;
    private const byte HopLimit = 255;   // RFC 4861, 7.1: what has less came from another link and is not believed

    private static readonly UInt128 AllNodes = new(0xff02_0000_0000_0000, 1);

    /// <summary>ff02::1:ffXX:XXXX with the address's last three bytes (RFC 4291, 2.7.1).</summary>
    public static UInt128 SolicitedNode(UInt128 address) => new(0xff02_0000_0000_0000, 0x0000_0001_ff00_0000 | ((ulong)address & 0xff_ffff));

    /// <summary>Asks who has the address, from no address (RFC 4862, 5.4.2); without the option, which :: must not have.</summary>
    public static NeighbourFrame Probe(MacAddress own, UInt128 target) => Solicitation(own, UInt128.Zero, target, null);

    /// <summary>Asks a neighbour, in the name of an address of this host.</summary>
    public static NeighbourFrame Request(MacAddress own, UInt128 ownAddress, UInt128 target) => Solicitation(own, ownAddress, target, own);

    /// <summary>"This address is here", to all nodes, in place of what they know (override; RFC 4861, 7.2.6).</summary>
    public static NeighbourFrame Announcement(MacAddress own, UInt128 address) =>
        new(MacAddress.ForGroup(AllNodes), own, address, AllNodes, NeighbourMessageKind.Advertisement, NeighbourFlags.Override, address, own);

    /// <param name="frame">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> frame)
    {
        int length = LinkLayer is null ? WithoutOption : MaxLength;
        frame[..length].Clear();
        DestinationMac.Write(frame);
        SourceMac.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
        frame[14] = 0x60;                                                           // version 6
        BinaryPrimitives.WriteUInt16BigEndian(frame[18..], (ushort)(length - 54));   // payload
        frame[20] = IcmpV6;
        frame[21] = HopLimit;
        BinaryPrimitives.WriteUInt128BigEndian(frame[22..], Source);
        BinaryPrimitives.WriteUInt128BigEndian(frame[38..], Destination);
        frame[54] = (byte)Kind;
        frame[58] = (byte)Flags;
        BinaryPrimitives.WriteUInt128BigEndian(frame[62..], Target);
        if (LinkLayer is { } mac)
        {
            frame[78] = (byte)(Kind == NeighbourMessageKind.Solicitation ? 1 : 2);   // source or target link-layer address
            frame[79] = 1;                                                          // units of eight bytes
            mac.Write(frame[80..]);
        }
        BinaryPrimitives.WriteUInt16BigEndian(frame[56..], Checksum(frame[..length]));
        return length;
    }

    /// <summary>False: something else, or not as RFC 4861, 7.1 wants it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out NeighbourFrame neighbour)
    {
        neighbour = default;
        if (frame.Length < WithoutOption || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != EtherType || frame[20] != IcmpV6 || frame[21] != HopLimit)
        {
            return false;
        }
        var kind = (NeighbourMessageKind)frame[54];
        int payload = BinaryPrimitives.ReadUInt16BigEndian(frame[18..]);
        if (kind is not (NeighbourMessageKind.Solicitation or NeighbourMessageKind.Advertisement)
            || frame[55] != 0 || payload < WithoutOption - 54 || frame.Length < 54 + payload
            || Checksum(frame[..(54 + payload)], skipStored: true) != BinaryPrimitives.ReadUInt16BigEndian(frame[56..]))
        {
            return false;
        }
        neighbour = new NeighbourFrame(
            MacAddress.Read(frame), MacAddress.Read(frame[6..]),
            BinaryPrimitives.ReadUInt128BigEndian(frame[22..]), BinaryPrimitives.ReadUInt128BigEndian(frame[38..]),
            kind, (NeighbourFlags)frame[58], BinaryPrimitives.ReadUInt128BigEndian(frame[62..]),
            Option(frame[WithoutOption..(54 + payload)], kind));
        return true;
    }

    private static NeighbourFrame Solicitation(MacAddress own, UInt128 source, UInt128 target, MacAddress? linkLayer)
    {
        UInt128 group = SolicitedNode(target);
        return new NeighbourFrame(MacAddress.ForGroup(group), own, source, group, NeighbourMessageKind.Solicitation, NeighbourFlags.None, target, linkLayer);
    }

    private static MacAddress? Option(ReadOnlySpan<byte> options, NeighbourMessageKind kind)
    {
        while (options.Length >= 8 && options[1] > 0)
        {
            if (options[0] == (kind == NeighbourMessageKind.Solicitation ? 1 : 2))
            {
                return MacAddress.Read(options[2..]);
            }
            options = options[Math.Min(options.Length, options[1] * 8)..];
        }
        return null;
    }

    /// <summary>RFC 4443, 2.3: over both addresses, length, next header and the ICMPv6 message, its own field taken as zero.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> frame, bool skipStored = false)
    {
        ReadOnlySpan<byte> message = frame[54..];
        uint sum = (uint)message.Length + IcmpV6;
        for (int i = 22; i < 54; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(frame[i..]);
        }
        for (int i = 0; i < message.Length; i += 2)
        {
            bool stored = skipStored && i == 2;
            sum += stored ? 0u : i + 1 < message.Length ? BinaryPrimitives.ReadUInt16BigEndian(message[i..]) : (uint)message[i] << 8;
        }
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}

public enum NeighbourMessageKind : byte
{
    Solicitation = 135,
    Advertisement = 136,
}

[Flags]
public enum NeighbourFlags : byte
{
    None = 0,
    Override = 0x20,
    Solicited = 0x40,
    Router = 0x80,
}
