using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ExchangeLb.DrillClient.Watching;

internal enum Claim
{
    /// <summary>Not about the address, or a mere question.</summary>
    None,

    /// <summary>The sender speaks as the address: an ARP answer, or any IP packet from it.</summary>
    Speaks,

    /// <summary>An ARP frame to everybody that says where the address is.</summary>
    Announces,
}

/// <summary>The frames that say who has an IPv4 address (RFC 826, RFC 5227), read and written; those of IPv6 are <see cref="NeighbourFrames"/>.</summary>
internal static class Frames
{
    /// <summary>Ethernet header and the fixed parts of ARP, IPv4, or an advertisement of IPv6: more is not looked at.</summary>
    internal const int Interesting = 80;

    private const int EtherTypeAt = 12;
    private const ushort Ip = 0x0800;
    private const ushort Arp = 0x0806;
    private const int ArpSenderAddressAt = 28;
    private const int IpSourceAt = 26;

    /// <summary>What a frame says of who has <paramref name="address"/>; who says it is in bytes 6..11.</summary>
    internal static Claim ClaimOf(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> address)
    {
        if (address.Length == 16) { return NeighbourFrames.ClaimOf(frame, address); }
        if (frame.Length < ArpSenderAddressAt + 4) { return Claim.None; }
        return BinaryPrimitives.ReadUInt16BigEndian(frame[EtherTypeAt..]) switch
        {
            Ip when frame.Slice(IpSourceAt, 4).SequenceEqual(address) => Claim.Speaks,
            // A probe has the sender 0.0.0.0 and claims nothing (RFC 5227, 2.1).
            Arp when frame.Slice(ArpSenderAddressAt, 4).SequenceEqual(address) => IsBroadcast(frame) ? Claim.Announces : Claim.Speaks,
            _ => Claim.None,
        };
    }

    /// <summary>"Who has it?", to everybody, from an address that is nobody else's.</summary>
    internal static byte[] Question(ReadOnlySpan<byte> hardware, IPAddress asker, IPAddress asked)
    {
        if (asked.AddressFamily == AddressFamily.InterNetworkV6) { return NeighbourFrames.Question(hardware, asker, asked); }
        byte[] frame = new byte[42];
        frame.AsSpan(0, 6).Fill(0xff);
        hardware.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(EtherTypeAt), Arp);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14), 1);        // Ethernet
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), Ip);
        frame[18] = 6;
        frame[19] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), 1);        // request
        hardware.CopyTo(frame.AsSpan(22));
        asker.GetAddressBytes().CopyTo(frame, ArpSenderAddressAt);
        asked.GetAddressBytes().CopyTo(frame, 38);
        return frame;
    }

    /// <summary>Classic BPF: ARP, and IPv4 from the address. The rest of the traffic costs nothing.</summary>
    internal static byte[] Filter(IPAddress address) =>
        Encode(address.AddressFamily == AddressFamily.InterNetworkV6 ? NeighbourFrames.Filter(address) : ArpFilter(address));

    private static (ushort Code, byte True, byte False, uint K)[] ArpFilter(IPAddress address)
    {
        uint wanted = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
        return
        [
            (0x28, 0, 0, EtherTypeAt),      // ldh the type
            (0x15, 3, 0, Arp),              // ARP: take it
            (0x15, 0, 3, Ip),               // neither: drop it
            (0x20, 0, 0, IpSourceAt),       // ld the source
            (0x15, 0, 1, wanted),
            (0x06, 0, 0, Interesting),
            (0x06, 0, 0, 0),
        ];
    }

    private static byte[] Encode((ushort Code, byte True, byte False, uint K)[] program)
    {
        byte[] bytes = new byte[program.Length * 8];
        for (int at = 0; at < program.Length; at++)
        {
            Span<byte> instruction = bytes.AsSpan(at * 8, 8);
            BinaryPrimitives.WriteUInt16LittleEndian(instruction, program[at].Code);
            instruction[2] = program[at].True;
            instruction[3] = program[at].False;
            BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], program[at].K);
        }
        return bytes;
    }

    private static bool IsBroadcast(ReadOnlySpan<byte> frame) => frame[..6].IndexOfAnyExcept((byte)0xff) < 0;
}
