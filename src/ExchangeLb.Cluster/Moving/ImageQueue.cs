using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// Entries on their way out, as one stream: each behind its length (4 bytes, little-endian). Pieces are cut from it as the engine takes them.
/// </summary>
internal sealed class ImageQueue
{
    internal const int LengthBytes = 4;

    private readonly Queue<byte[]> _records = [];
    private int _taken;

    /// <summary>Of the whole stream so far.</summary>
    internal long Length { get; private set; }

    /// <summary>Of it, what was taken.</summary>
    internal long Position { get; private set; }

    internal bool IsEmpty => _records.Count == 0;

    internal void Add(ReadOnlySpan<byte> image)
    {
        byte[] record = new byte[LengthBytes + image.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, image.Length);
        image.CopyTo(record.AsSpan(LengthBytes));
        _records.Enqueue(record);
        Length += record.Length;
    }

    /// <summary>Fills the room with what comes next, without taking it: it may not be sent.</summary>
    internal int Peek(Span<byte> room)
    {
        int filled = 0;
        int from = _taken;
        foreach (byte[] record in _records)
        {
            int part = Math.Min(record.Length - from, room.Length - filled);
            record.AsSpan(from, part).CopyTo(room[filled..]);
            filled += part;
            from = 0;
            if (filled == room.Length)
            {
                break;
            }
        }
        return filled;
    }

    internal void Take(int bytes)
    {
        Position += bytes;
        _taken += bytes;
        while (_records.TryPeek(out byte[]? record) && _taken >= record.Length)
        {
            _taken -= record.Length;
            _records.Dequeue();
        }
    }

    internal void Clear()
    {
        _records.Clear();
        _taken = 0;
    }
}
