using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace ExchangeLb.Cluster.Moving;

/// <summary>
/// Entries on their way out, as one stream: each behind its length (4 bytes, little-endian). Pieces are cut from it as they are taken to be sent, and kept until the
/// target is done with them: what was lost on one way goes again on the other. Nothing is copied before.
/// </summary>
internal sealed class ImageQueue
{
    internal const int LengthBytes = 4;

    /// <summary>From <see cref="_base"/> on.</summary>
    private readonly LinkedList<ReadOnlyMemory<byte>> _parts = [];

    /// <summary>The part that comes next; null: all was taken.</summary>
    private LinkedListNode<ReadOnlyMemory<byte>>? _next;

    /// <summary>Of that part, what was taken.</summary>
    private int _taken;

    /// <summary>Where the first part that is kept begins.</summary>
    private long _base;

    /// <summary>Of the whole stream so far.</summary>
    internal long Length { get; private set; }

    /// <summary>Of it, what was taken.</summary>
    internal long Position { get; private set; }

    /// <summary>Of it, what was ever taken: more than <see cref="Position"/> after a <see cref="Rewind"/>.</summary>
    internal long Sent { get; private set; }

    /// <summary>All was taken.</summary>
    internal bool IsEmpty => _next is null;

    internal void Add(ReadOnlySpan<byte> entry) => Add(entry, ReadOnlyMemory<byte>.Empty);

    /// <param name="head">Of an entry.</param>
    /// <param name="rest">Of it; not to be changed from now on.</param>
    internal void Add(ReadOnlySpan<byte> head, ReadOnlyMemory<byte> rest)
    {
        byte[] first = new byte[LengthBytes + head.Length];
        BinaryPrimitives.WriteInt32LittleEndian(first, head.Length + rest.Length);
        head.CopyTo(first.AsSpan(LengthBytes));
        Enqueue(first);
        if (!rest.IsEmpty) { Enqueue(rest); }
    }

    /// <summary>Fills the room with what comes next, without taking it: it may not be sent.</summary>
    internal int Peek(Span<byte> room)
    {
        int filled = 0;
        int from = _taken;
        for (LinkedListNode<ReadOnlyMemory<byte>>? part = _next; part is not null && filled < room.Length; part = part.Next)
        {
            int bytes = Math.Min(part.Value.Length - from, room.Length - filled);
            part.Value.Span.Slice(from, bytes).CopyTo(room[filled..]);
            filled += bytes;
            from = 0;
        }
        return filled;
    }

    internal void Take(int bytes)
    {
        Position += bytes;
        Sent = Math.Max(Sent, Position);
        _taken += bytes;
        while (_next is { } part && _taken >= part.Value.Length)
        {
            _taken -= part.Value.Length;
            _next = part.Next;
        }
    }

    /// <summary>The target is done with so much of the stream: it is let go.</summary>
    internal void Release(long position)
    {
        while (_parts.First is { } part && part != _next && _base + part.Value.Length <= position)
        {
            _base += part.Value.Length;
            _parts.RemoveFirst();
        }
    }

    /// <summary>From here on it is taken again.</summary>
    /// <param name="position">Nothing behind it was released.</param>
    internal void Rewind(long position)
    {
        (Position, _next, _taken) = (_base, _parts.First, 0);
        Take((int)(position - _base));
    }

    internal void Clear()
    {
        _parts.Clear();
        (_next, _taken, _base) = (null, 0, Length);
    }

    private void Enqueue(ReadOnlyMemory<byte> part)
    {
        LinkedListNode<ReadOnlyMemory<byte>> added = _parts.AddLast(part);
        _next ??= added;
        Length += part.Length;
    }
}
