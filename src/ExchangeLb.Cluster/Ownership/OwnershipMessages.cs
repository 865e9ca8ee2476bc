using System;
using System.Buffers.Binary;
using System.IO.Hashing;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// The 56 bytes of an ownership message, numbers little-endian: form (1), type (1), flags (1: serving, 2: link up, 4: standby,
/// 8: leaving), 0 (1), VIP (4), priority (2), 0 (2), reached (4), epoch (4), subject (4), incarnation (8), number (8), subject's
/// incarnation (8), subject's number (8). What follows is of later releases and is left unread.
/// </summary>
public static class OwnershipMessages
{
    public const int SizeBytes = 56;

    /// <summary>Stands for every number of an incarnation: what the guard sends comes after all of them.</summary>
    public const ulong All = ulong.MaxValue;

    private const byte Form = 1;
    private const int Serving = 1;
    private const int LinkUp = 2;
    private const int Standby = 4;
    private const int Leaving = 8;

    /// <summary>Names a VIP on the wire: CRC-32 of the address's bytes.</summary>
    public static uint KeyOf(VipModel vip)
    {
        ArgumentNullException.ThrowIfNull(vip);
        return Crc32.HashToUInt32(vip.Address.GetAddressBytes());
    }

    /// <summary>
    /// "Released", as the guard says it for a balancer that has ended: to be sent once the kernel has confirmed that this incarnation's
    /// lease is gone, as a message of kind Ownership.
    /// </summary>
    /// <returns>Bytes written: <see cref="SizeBytes"/>.</returns>
    public static int WriteReleasedByGuard(Span<byte> body, VipModel vip, ulong incarnation) =>
        Write(body, new(OwnershipMessageType.Released, KeyOf(vip), default, incarnation, All, 0));

    internal static int Write(Span<byte> body, in OwnershipMessage message)
    {
        SenderState sender = message.Sender;
        body[..SizeBytes].Clear();
        body[0] = Form;
        body[1] = (byte)message.Type;
        body[2] = (byte)((sender.Fitness.Serving ? Serving : 0) | (sender.Fitness.LinkUp ? LinkUp : 0) | (sender.Standby ? Standby : 0) | (sender.Leaving ? Leaving : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], message.Vip);
        BinaryPrimitives.WriteUInt16LittleEndian(body[8..], (ushort)sender.Priority);
        BinaryPrimitives.WriteInt32LittleEndian(body[12..], sender.Fitness.Reached);
        BinaryPrimitives.WriteUInt32LittleEndian(body[16..], message.Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(body[20..], message.Subject);
        BinaryPrimitives.WriteUInt64LittleEndian(body[24..], message.Incarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(body[32..], message.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(body[40..], message.SubjectIncarnation);
        BinaryPrimitives.WriteUInt64LittleEndian(body[48..], message.SubjectNumber);
        return SizeBytes;
    }

    /// <summary>False: damaged, or of a form or type that this release doesn't know.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> body, out OwnershipMessage message)
    {
        message = default;
        if (body.Length < SizeBytes || body[0] != Form || body[1] is < (byte)OwnershipMessageType.Renewal or > (byte)OwnershipMessageType.State)
        {
            return false;
        }
        int flags = body[2];
        NodeFitness fitness = new((flags & Serving) != 0, (flags & LinkUp) != 0, BinaryPrimitives.ReadInt32LittleEndian(body[12..]));
        message = new(
            (OwnershipMessageType)body[1],
            BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            new(fitness, (flags & Standby) != 0, (flags & Leaving) != 0, BinaryPrimitives.ReadUInt16LittleEndian(body[8..])),
            BinaryPrimitives.ReadUInt64LittleEndian(body[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[20..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(body[48..]));
        return message.Number > 0;
    }
}
