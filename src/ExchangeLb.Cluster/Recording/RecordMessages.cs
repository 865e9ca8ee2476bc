using System;
using System.Buffers.Binary;

namespace ExchangeLb.Cluster.Recording;

/// <summary>
/// The body of a message of kind Records, numbers little-endian: form (1), 1 where these are sessions that the sender has just lost, else 0 (1), 0 (2), VIP (4), then
/// records as the proxy wrote them. Releases that know no lost sessions refuse and count these.
/// </summary>
public static class RecordMessages
{
    public const int HeaderBytes = 8;
    public const byte Form = 1;

    /// <summary>The records stand behind the header already.</summary>
    /// <param name="vip">Its key: <see cref="Ownership.OwnershipMessages.KeyOf"/>.</param>
    /// <param name="areLost">The sender lost these sessions, and goes on with none of them.</param>
    public static void WriteHeader(Span<byte> body, uint vip, bool areLost = false)
    {
        body[..HeaderBytes].Clear();
        body[0] = Form;
        body[1] = areLost ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], vip);
    }

    /// <summary>False: damaged, or of a form that this release doesn't know.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out uint vip, out bool areLost, out ReadOnlySpan<byte> records)
    {
        (vip, areLost) = (0, false);
        records = default;
        if (body.Length <= HeaderBytes || body[0] != Form || body[1] > 1 || (body[2] | body[3]) != 0)
        {
            return false;
        }
        areLost = body[1] == 1;
        vip = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        records = body[HeaderBytes..];
        return true;
    }
}
