using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ExchangeLb.Cluster.Moving;

/// <summary>What one entry of the stream says. On the wire: only ever add.</summary>
public enum MoveEntryKind : byte
{
    /// <summary>A frozen session: this it is, whatever was told of it before.</summary>
    Frozen = 1,

    /// <summary>A session that goes on with its owner for now.</summary>
    Told = 2,

    /// <summary>Frozen sessions that are what was told of them in this move.</summary>
    AsTold = 3,
}

/// <summary>
/// One entry of the stream: kind (1); then the session's number (8, little-endian) and its image, or numbers alone. A number stands for one image of one move
/// at most: so what it names can't be an older one.
/// </summary>
public static class MoveEntry
{
    public const int HeadBytes = 1 + sizeof(ulong);

    /// <summary>What stands before an image.</summary>
    /// <param name="head">Of <see cref="HeadBytes"/>.</param>
    public static void WriteHead(Span<byte> head, MoveEntryKind kind, ulong session)
    {
        head[0] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(head[1..], session);
    }

    public static byte[] AsTold(ReadOnlySpan<ulong> sessions)
    {
        byte[] entry = new byte[1 + (sessions.Length * sizeof(ulong))];
        entry[0] = (byte)MoveEntryKind.AsTold;
        for (int i = 0; i < sessions.Length; i++) { BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(1 + (i * sizeof(ulong))), sessions[i]); }
        return entry;
    }

    /// <summary>False: damaged, or of a kind that this release doesn't know.</summary>
    /// <param name="image">Of <see cref="MoveEntryKind.AsTold"/>: the numbers, see <see cref="Numbers"/>.</param>
    public static bool TryRead(ReadOnlySpan<byte> entry, out MoveEntryKind kind, out ulong session, out ReadOnlySpan<byte> image)
    {
        (kind, session) = (entry.IsEmpty ? 0 : (MoveEntryKind)entry[0], 0);
        image = default;
        switch (kind)
        {
            case MoveEntryKind.Frozen or MoveEntryKind.Told when entry.Length >= HeadBytes:
                session = BinaryPrimitives.ReadUInt64LittleEndian(entry[1..]);
                image = entry[HeadBytes..];
                return true;
            case MoveEntryKind.AsTold when (entry.Length - 1) % sizeof(ulong) == 0:
                image = entry[1..];
                return true;
            default:
                return false;
        }
    }

    public static ulong[] Numbers(ReadOnlySpan<byte> bytes)
    {
        ulong[] numbers = MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
        if (!BitConverter.IsLittleEndian) { BinaryPrimitives.ReverseEndianness(numbers, numbers); }
        return numbers;
    }
}
