using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// Entries on their way out, as one stream: each behind its length (4 bytes, little-endian). Pieces are cut from it as the engine takes them; nothing is copied before.
/// </summary>
internal sealed class ImageQueue
{
    internal const int LengthBytes = 4;

    private readonly Queue<ReadOnlyMemory<byte>> _parts = [];
    private int _taken;

    /// <summary>Of the whole stream so far.</summary>
    internal long Length { get; private set; }

    /// <summary>Of it, what was taken.</summary>
    internal long Position { get; private set; }

    internal bool IsEmpty => _parts.Count == 0;

    internal void Add(ReadOnlySpan<byte> entry) => Add(entry, ReadOnlyMemory<byte>.Empty);

    /// <param name="head">Of an entry.</param>
    /// <param name="rest">Of it; not to be changed from now on.</param>
    internal void Add(ReadOnlySpan<byte> head, ReadOnlyMemory<byte> rest)
    {
        byte[] first = new byte[LengthBytes + head.Length];
        BinaryPrimitives.WriteInt32LittleEndian(first, head.Length + rest.Length);
        head.CopyTo(first.AsSpan(LengthBytes));
        _parts.Enqueue(first);
        if (!rest.IsEmpty) { _parts.Enqueue(rest); }
        Length += first.Length + rest.Length;
    }

    /// <summary>Fills the room with what comes next, without taking it: it may not be sent.</summary>
    internal int Peek(Span<byte> room)
    {
        int filled = 0;
        int from = _taken;
        foreach (ReadOnlyMemory<byte> record in _parts)
        {
            int part = Math.Min(record.Length - from, room.Length - filled);
            record.Span.Slice(from, part).CopyTo(room[filled..]);
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
        while (_parts.TryPeek(out ReadOnlyMemory<byte> record) && _taken >= record.Length)
        {
            _taken -= record.Length;
            _parts.Dequeue();
        }
    }

    internal void Clear()
    {
        _parts.Clear();
        _taken = 0;
    }
}
