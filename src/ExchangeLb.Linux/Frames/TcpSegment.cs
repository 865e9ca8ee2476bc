using System;
using System.Buffers.Binary;

namespace ExchangeLb.Linux.Frames;

/// <summary>Where the sender of a TCP segment stands in both streams (RFC 9293, 3.1), from a frame of Ethernet with IPv4 or IPv6.</summary>
/// <param name="Source">As IPv6, an IPv4 address mapped.</param>
/// <param name="Sequence">Of its first byte, or of the next one when it has none.</param>
/// <param name="Acknowledged">What the sender expects next; 0 where it acknowledges nothing.</param>
/// <param name="Length">Bytes of data, and one for FIN.</param>
/// <param name="Echo">TSecr: the last timestamp that its sender took from the other side (RFC 7323, 3.2); null where it has none.</param>
public readonly record struct TcpSegment(
    UInt128 Source, int SourcePort, int DestinationPort, uint Sequence, uint Acknowledged, int Length, bool Acknowledges, bool Resets, uint? Echo = null)
{
    /// <summary>The longest headers: 14 of Ethernet, 60 of IPv4 (or 40 of IPv6), 60 of TCP.</summary>
    public const int HeadLimit = 134;

    public const ushort EtherTypeV4 = 0x0800;
    public const ushort EtherTypeV6 = 0x86dd;

    private const int Ethernet = 14;
    private const int V6Head = 40;
    private const int TcpHead = 20;
    private const byte Tcp = 6;
    private const byte FIN = 1;
    private const byte SYN = 2;
    private const byte RST = 4;
    private const byte ACK = 16;
    private const byte EndOfOptions = 0;
    private const byte NoOperation = 1;
    private const byte Timestamps = 8;
    private const int TimestampsLength = 10;

    /// <summary>False: no TCP, a fragment other than the first, a handshake (which belongs to a connection that begins), or cut off within its headers.</summary>
    /// <param name="frame">Data may be cut off.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, out TcpSegment segment)
    {
        segment = default;
        if (frame.Length < Ethernet) { return false; }
        ReadOnlySpan<byte> packet = frame[Ethernet..];
        return BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) switch
        {
            EtherTypeV4 => TryReadV4(packet, out segment),
            EtherTypeV6 => TryReadV6(packet, out segment),
            _ => false,
        };
    }

    private static bool TryReadV4(ReadOnlySpan<byte> packet, out TcpSegment segment)
    {
        segment = default;
        if (packet.Length < 20 || packet[0] >> 4 != 4 || packet[9] != Tcp || (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1FFF) != 0) { return false; }
        int head = (packet[0] & 0xF) * 4;
        if (head < 20 || packet.Length < head) { return false; }
        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) - head;
        UInt128 source = new(0, 0x0000_FFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(packet[12..]));
        return TryReadTcp(packet[head..], length, source, out segment);
    }

    private static bool TryReadV6(ReadOnlySpan<byte> packet, out TcpSegment segment)
    {
        segment = default;
        if (packet.Length < V6Head || packet[0] >> 4 != 6 || packet[6] != Tcp) { return false; }
        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        return TryReadTcp(packet[V6Head..], length, BinaryPrimitives.ReadUInt128BigEndian(packet[8..]), out segment);
    }

    private static bool TryReadTcp(ReadOnlySpan<byte> tcp, int length, UInt128 source, out TcpSegment segment)
    {
        segment = default;
        if (tcp.Length < TcpHead) { return false; }
        byte flags = tcp[13];
        int head = (tcp[12] >> 4) * 4;
        if (head < TcpHead || length < head || (flags & SYN) != 0) { return false; }
        bool acknowledges = (flags & ACK) != 0;
        segment = new TcpSegment(
            source,
            BinaryPrimitives.ReadUInt16BigEndian(tcp),
            BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
            acknowledges ? BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]) : 0,
            length - head + ((flags & FIN) != 0 ? 1 : 0),
            acknowledges,
            (flags & RST) != 0,
            acknowledges ? EchoIn(tcp[TcpHead..Math.Min(head, tcp.Length)]) : null);
        return true;
    }

    private static uint? EchoIn(ReadOnlySpan<byte> options)
    {
        while (options.Length > 0 && options[0] != EndOfOptions)
        {
            int length = options[0] == NoOperation ? 1 : options.Length > 1 ? options[1] : 0;
            if (length == 0 || length > options.Length) { return null; }
            if (options[0] == Timestamps && length == TimestampsLength) { return BinaryPrimitives.ReadUInt32BigEndian(options[6..]); }
            options = options[length..];
        }
        return null;
    }
}
