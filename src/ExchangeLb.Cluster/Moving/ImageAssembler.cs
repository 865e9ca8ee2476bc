using System;
using System.Buffers.Binary;

namespace ExchangeLb.Cluster.Moving;

/// <summary>Puts images together again from the pieces of the stream that <see cref="ImageQueue"/> made.</summary>
internal sealed class ImageAssembler
{
    private byte[] _record = [];
    private int _filled;
    private int _length = -1;

    /// <summary>Bytes of the stream that have come.</summary>
    internal long Position { get; private set; }

    /// <summary>An image's length was not to be believed: the rest can't be read.</summary>
    internal bool Damaged { get; private set; }

    /// <summary>An image has begun and is not complete.</summary>
    internal bool IsAmid => _filled > 0 || _length >= 0;

    /// <summary>The next image that is complete with this piece; what was used is cut off its front. False: more must come first.</summary>
    /// <param name="image">Good until the next call.</param>
    internal bool TryTake(ref ReadOnlySpan<byte> piece, out ReadOnlySpan<byte> image)
    {
        image = default;
        if (_length < 0 && !FindLength(ref piece))
        {
            return false;
        }
        if (_filled == 0 && piece.Length >= _length)
        {
            image = Cut(ref piece, _length);
            _length = -1;
            return true;
        }
        if (_record.Length < _length)
        {
            _record = new byte[_length];
        }
        ReadOnlySpan<byte> part = Cut(ref piece, Math.Min(piece.Length, _length - _filled));
        part.CopyTo(_record.AsSpan(_filled));
        _filled += part.Length;
        if (_filled < _length)
        {
            return false;
        }
        image = _record.AsSpan(0, _length);
        (_filled, _length) = (0, -1);
        return true;
    }

    /// <summary>Nothing more comes: lets go of the memory.</summary>
    internal void Clear() => (_record, _filled, _length) = ([], 0, -1);

    /// <summary>Memory that it keeps.</summary>
    internal int BufferBytes => _record.Length;

    private bool FindLength(ref ReadOnlySpan<byte> piece)
    {
        if (Damaged)
        {
            return false;
        }
        if (_record.Length < ImageQueue.LengthBytes)
        {
            _record = new byte[256];
        }
        ReadOnlySpan<byte> part = Cut(ref piece, Math.Min(piece.Length, ImageQueue.LengthBytes - _filled));
        part.CopyTo(_record.AsSpan(_filled));
        _filled += part.Length;
        if (_filled < ImageQueue.LengthBytes)
        {
            return false;
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(_record);
        _filled = 0;
        Damaged = length is < 0 or > MoveLimits.ImageBytes;
        _length = Damaged ? -1 : length;
        return !Damaged;
    }

    private ReadOnlySpan<byte> Cut(ref ReadOnlySpan<byte> piece, int bytes)
    {
        ReadOnlySpan<byte> part = piece[..bytes];
        piece = piece[bytes..];
        Position += bytes;
        return part;
    }
}
