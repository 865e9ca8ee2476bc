using System;
using System.Buffers.Binary;

namespace ExchangeLb.Linux.Frames;

/// <summary>An ARP packet for IPv4 over Ethernet, with its Ethernet header (RFC 826). IPv4 addresses are numbers, the first byte highest.</summary>
public readonly record struct ArpFrame(
    MacAddress Destination, MacAddress Source, ArpOperation Operation,
    MacAddress SenderMac, uint SenderAddress, MacAddress TargetMac, uint TargetAddress)
{
    /// <summary>14 of Ethernet and 28 of ARP; the driver pads it to Ethernet's 60.</summary>
    public const int Length = 42;

    public const ushort EtherType = 0x0806;

    /// <summary>Asks who has the address, from no address, so that no neighbour learns anything from it (RFC 5227, 2.1.1).</summary>
    public static ArpFrame Probe(MacAddress own, uint target) =>
        new(MacAddress.Broadcast, own, ArpOperation.Request, own, 0, default, target);

    /// <summary>Asks a neighbour, in the name of an address of this host.</summary>
    public static ArpFrame Request(MacAddress own, uint ownAddress, uint target) =>
        new(MacAddress.Broadcast, own, ArpOperation.Request, own, ownAddress, default, target);

    /// <summary>"This address is here", as a request: RFC 5227, 3.</summary>
    public static ArpFrame AnnounceAsRequest(MacAddress own, uint address) =>
        new(MacAddress.Broadcast, own, ArpOperation.Request, own, address, default, address);

    /// <summary>The same as a reply (RFC 5944, 4.6), for devices that learn from replies only.</summary>
    public static ArpFrame AnnounceAsReply(MacAddress own, uint address) =>
        new(MacAddress.Broadcast, own, ArpOperation.Reply, own, address, own, address);

    /// <param name="frame">At least <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> frame)
    {
        Destination.Write(frame);
        Source.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType);
        BinaryPrimitives.WriteUInt16BigEndian(frame[14..], 1);         // hardware: Ethernet
        BinaryPrimitives.WriteUInt16BigEndian(frame[16..], 0x0800);    // protocol: IPv4
        frame[18] = MacAddress.Length;
        frame[19] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(frame[20..], (ushort)Operation);
        SenderMac.Write(frame[22..]);
        BinaryPrimitives.WriteUInt32BigEndian(frame[28..], SenderAddress);
        TargetMac.Write(frame[32..]);
        BinaryPrimitives.WriteUInt32BigEndian(frame[38..], TargetAddress);
    }

    /// <summary>False: too short, or not ARP for IPv4 over Ethernet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out ArpFrame arp)
    {
        arp = default;
        if (frame.Length < Length
            || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != EtherType
            || BinaryPrimitives.ReadUInt32BigEndian(frame[14..]) != 0x0001_0800
            || BinaryPrimitives.ReadUInt16BigEndian(frame[18..]) != 0x0604)
        {
            return false;
        }
        arp = new ArpFrame(
            MacAddress.Read(frame), MacAddress.Read(frame[6..]), (ArpOperation)BinaryPrimitives.ReadUInt16BigEndian(frame[20..]),
            MacAddress.Read(frame[22..]), BinaryPrimitives.ReadUInt32BigEndian(frame[28..]),
            MacAddress.Read(frame[32..]), BinaryPrimitives.ReadUInt32BigEndian(frame[38..]));
        return true;
    }
}

public enum ArpOperation : ushort
{
    Request = 1,
    Reply = 2,
}
