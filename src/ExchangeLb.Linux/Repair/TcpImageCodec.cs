using System;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>
/// Images as bytes, most significant first: version, family, traits, scales, MSS, two addresses with ports, snd_una, rcv_nxt, TSval, age,
/// five window fields, keepalive where it is on, three lengths, and the bytes. 67 bytes without data for IPv4, 91 for IPv6, 5 more with
/// keepalive. A pair is upgraded one node after the other: a new version is read one release before it is written.
/// </summary>
public static class TcpImageCodec
{
    /// <summary>Bytes of one queue that are taken from others; the kernel's own largest buffers (tcp_rmem, tcp_wmem) are smaller by default.</summary>
    public const int QueueLimit = 64 * 1024 * 1024;

    /// <summary>The most that an image without data takes.</summary>
    public const int HeadLimit = 96;

    private const byte Version = 1;
    private const byte FamilyV4 = 4;
    private const byte FamilyV6 = 6;
    private const int LargestScale = 14;    // RFC 7323, 2.3
    private const TcpTraits KnownTraits = (TcpTraits)0x1FF;

    public static int SizeOf(TcpImage image) =>
        (image.Local.Family == SockAddress.AF_INET ? 67 : 91)
        + (image.Has(TcpTraits.KeepAlive) ? 5 : 0)
        + image.Received.Length + image.Unacked.Length + image.Unsent.Length;

    /// <param name="target">At least <see cref="SizeOf"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(TcpImage image, ImageClock now, Span<byte> target)
    {
        ByteWriter writer = new(target);
        writer.Byte(Version);
        writer.Byte(image.Local.Family == SockAddress.AF_INET ? FamilyV4 : FamilyV6);
        writer.Short((ushort)image.Traits);
        writer.Byte((byte)((image.SendScale << 4) | image.ReceiveScale));
        writer.Short(image.MaxSegment);
        writer.Address(image.Local);
        writer.Address(image.Remote);
        writer.Int(image.SendUnacked);
        writer.Int(image.ReceiveNext);
        writer.Int(image.Timestamp);
        writer.Int((uint)Math.Ceiling(image.TakenAt.AgeAt(now).TotalMilliseconds));
        writer.Int(image.Window.SendUpdatedAt);
        writer.Int(image.Window.Send);
        writer.Int(image.Window.LargestSend);
        writer.Int(image.Window.Receive);
        writer.Int(image.Window.ReceiveUpdatedAt);
        if (image.Has(TcpTraits.KeepAlive))
        {
            writer.Short(image.KeepAlive.IdleSeconds);
            writer.Short(image.KeepAlive.IntervalSeconds);
            writer.Byte(image.KeepAlive.Probes);
        }
        writer.Int((uint)image.Received.Length);
        writer.Int((uint)image.Unacked.Length);
        writer.Int((uint)image.Unsent.Length);
        writer.Bytes(image.Received);
        writer.Bytes(image.Unacked);
        writer.Bytes(image.Unsent);
        return writer.Written;
    }

    /// <summary>Reads one image from the front. False for another version, for what cannot be, and where bytes are missing; nothing is allocated then for data.</summary>
    /// <param name="now">On this host: the image's age counts from it.</param>
    /// <param name="length">Bytes that the image took.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ImageClock now, out TcpImage? image, out int length)
    {
        image = null;
        length = 0;
        ByteReader reader = new(bytes);
        byte version = reader.Byte();
        byte familyNumber = reader.Byte();
        var traits = (TcpTraits)reader.Short();
        byte scales = reader.Byte();
        ushort maxSegment = reader.Short();
        if (reader.Failed || version != Version || familyNumber is not (FamilyV4 or FamilyV6) || !Possible(traits)
            || scales >> 4 > LargestScale || (scales & 0xF) > LargestScale || maxSegment == 0)
        {
            return false;
        }
        int family = familyNumber == FamilyV4 ? SockAddress.AF_INET : SockAddress.AF_INET6;
        int addressLength = familyNumber == FamilyV4 ? 4 : 16;
        ReadOnlySpan<byte> local = reader.Bytes(addressLength);
        ushort localPort = reader.Short();
        ReadOnlySpan<byte> remote = reader.Bytes(addressLength);
        ushort remotePort = reader.Short();
        uint sendUnacked = reader.Int(), receiveNext = reader.Int(), timestamp = reader.Int(), ageMs = reader.Int();
        RepairWindow window = new(reader.Int(), reader.Int(), reader.Int(), reader.Int(), reader.Int());
        TcpKeepAlive keepAlive = (traits & TcpTraits.KeepAlive) != 0 ? new(reader.Short(), reader.Short(), reader.Byte()) : default;
        uint received = reader.Int(), unacked = reader.Int(), unsent = reader.Int();
        if (reader.Failed || received > QueueLimit || unacked > QueueLimit || unsent > QueueLimit
            || (ulong)received + unacked + unsent > (ulong)reader.Left || localPort == 0 || remotePort == 0)
        {
            return false;
        }
        image = new TcpImage
        {
            Local = AddressForm.Of(family, local, localPort),
            Remote = AddressForm.Of(family, remote, remotePort),
            Traits = traits,
            SendUnacked = sendUnacked,
            ReceiveNext = receiveNext,
            MaxSegment = maxSegment,
            SendScale = (byte)(scales >> 4),
            ReceiveScale = (byte)(scales & 0xF),
            Window = window,
            Timestamp = timestamp,
            TakenAt = now.Before(TimeSpan.FromMilliseconds(ageMs)),
            KeepAlive = keepAlive,
            Received = reader.Bytes((int)received).ToArray(),
            Unacked = reader.Bytes((int)unacked).ToArray(),
            Unsent = reader.Bytes((int)unsent).ToArray(),
        };
        length = bytes.Length - reader.Left;
        return true;
    }

    /// <summary>One of our ends at most.</summary>
    private static bool Possible(TcpTraits traits)
    {
        TcpTraits end = traits & (TcpTraits.EndQueued | TcpTraits.EndSent | TcpTraits.EndAcknowledged);
        return (traits & ~KnownTraits) == 0 && end is TcpTraits.None or TcpTraits.EndQueued or TcpTraits.EndSent or TcpTraits.EndAcknowledged;
    }
}
