using System;
using System.Buffers.Binary;
using System.Net;

namespace ExchangeLb.DrillClient.Watching;

/// <summary>The frames that say who has an IPv6 address (RFC 4861), read and written.</summary>
internal static class NeighbourFrames
{
    private const int EtherTypeAt = 12;
    private const ushort Ip6 = 0x86DD;
    private const int PayloadLengthAt = 18;
    private const int NextHeaderAt = 20;
    private const int HopLimitAt = 21;
    private const int SourceAt = 22;
    private const int DestinationAt = 38;
    private const int IcmpAt = 54;
    private const int TargetAt = IcmpAt + 8;
    private const int OptionAt = TargetAt + 16;
    private const byte Icmp6 = 58;
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;

    /// <summary>As <see cref="Frames.ClaimOf"/>: an IPv6 packet from the address, or an advertisement of it.</summary>
    internal static Claim ClaimOf(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> address)
    {
        if (frame.Length < IcmpAt || BinaryPrimitives.ReadUInt16BigEndian(frame[EtherTypeAt..]) != Ip6)
        {
            return Claim.None;
        }
        bool advertises = frame.Length >= OptionAt && frame[NextHeaderAt] == Icmp6 && frame[IcmpAt] == Advertisement
            && frame.Slice(TargetAt, 16).SequenceEqual(address);
        return advertises && frame[0] == 0x33 ? Claim.Announces   // to a multicast group: all nodes
            : advertises || frame.Slice(SourceAt, 16).SequenceEqual(address) ? Claim.Speaks
            : Claim.None;
    }

    /// <summary>"Who has it?", to the group of those whose address ends like this one (RFC 4291, 2.7.1).</summary>
    internal static byte[] Question(ReadOnlySpan<byte> hardware, IPAddress asker, IPAddress asked)
    {
        byte[] frame = new byte[OptionAt + 8];
        byte[] target = asked.GetAddressBytes();
        ReadOnlySpan<byte> group = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, target[13], target[14], target[15]];
        ((ReadOnlySpan<byte>)[0x33, 0x33, 0xff, target[13], target[14], target[15]]).CopyTo(frame);
        hardware.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(EtherTypeAt), Ip6);
        frame[14] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(PayloadLengthAt), (ushort)(frame.Length - IcmpAt));
        frame[NextHeaderAt] = Icmp6;
        frame[HopLimitAt] = 255;                                              // RFC 4861, 7.1.1
        asker.GetAddressBytes().CopyTo(frame, SourceAt);
        group.CopyTo(frame.AsSpan(DestinationAt));
        frame[IcmpAt] = Solicitation;
        target.CopyTo(frame, TargetAt);
        frame[OptionAt] = 1;                                                  // source link-layer address
        frame[OptionAt + 1] = 1;                                              // eight bytes
        hardware.CopyTo(frame.AsSpan(OptionAt + 2));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(IcmpAt + 2), Checksum(frame));
        return frame;
    }

    /// <summary>Classic BPF: advertisements, and IPv6 from the address.</summary>
    internal static (ushort Code, byte True, byte False, uint K)[] Filter(IPAddress address)
    {
        byte[] wanted = address.GetAddressBytes();
        uint Word(int at) => BinaryPrimitives.ReadUInt32BigEndian(wanted.AsSpan(at));
        return
        [
            (0x28, 0, 0, EtherTypeAt),      // ldh the type
            (0x15, 0, 13, Ip6),             // other: drop it
            (0x20, 0, 0, SourceAt),         // ld the source, word by word
            (0x15, 0, 6, Word(0)),
            (0x20, 0, 0, SourceAt + 4),
            (0x15, 0, 4, Word(4)),
            (0x20, 0, 0, SourceAt + 8),
            (0x15, 0, 2, Word(8)),
            (0x20, 0, 0, SourceAt + 12),
            (0x15, 4, 0, Word(12)),         // from it: take it
            (0x30, 0, 0, NextHeaderAt),     // ldb
            (0x15, 0, 3, Icmp6),
            (0x30, 0, 0, IcmpAt),
            (0x15, 0, 1, Advertisement),
            (0x06, 0, 0, Frames.Interesting),
            (0x06, 0, 0, 0),
        ];
    }

    /// <summary>Of ICMPv6, with the pseudo-header (RFC 8200, 8.1).</summary>
    private static ushort Checksum(ReadOnlySpan<byte> frame)
    {
        uint sum = Icmp6 + (uint)(frame.Length - IcmpAt);
        for (int at = SourceAt; at < frame.Length; at += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);
        }
        while (sum > 0xffff)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (ushort)~sum;
    }
}
