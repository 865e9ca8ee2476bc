using System;
using System.Buffers.Binary;

namespace ExchangeLb.Cluster.Recording;

/// <summary>The body of a message of kind Records, numbers little-endian: form (1), 0 (3), VIP (4), then records as the proxy wrote them.</summary>
public static class RecordMessages
{
    public const int HeaderBytes = 8;
    public const byte Form = 1;

    /// <summary>The records stand behind the header already.</summary>
    /// <param name="vip">Its key: <see cref="Ownership.OwnershipMessages.KeyOf"/>.</param>
    public static void WriteHeader(Span<byte> body, uint vip)
    {
        body[..HeaderBytes].Clear();
        body[0] = Form;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], vip);
    }

    /// <summary>False: damaged, or of a form that this release doesn't know.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out uint vip, out ReadOnlySpan<byte> records)
    {
        vip = 0;
        records = default;
        if (body.Length <= HeaderBytes || body[0] != Form || (body[1] | body[2] | body[3]) != 0)
        {
            return false;
        }
        vip = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        records = body[HeaderBytes..];
        return true;
    }
}
