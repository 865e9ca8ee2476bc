using System;
using System.Buffers.Binary;
using System.Text;

namespace ExchangeLb.Cluster.Messages;

/// <summary>
/// Reads what <see cref="BodyWriter"/> wrote. Past the end it gives zeros and <see cref="Failed"/> stays set, so that a reader asks once, after
/// the last field it knows; bytes behind that are of a later release and left alone.
/// </summary>
public ref struct BodyReader(ReadOnlySpan<byte> body)
{
    public const int TextMaxBytes = 4096;

    private ReadOnlySpan<byte> _rest = body;

    /// <summary>The message was shorter than its fields.</summary>
    public bool Failed { get; private set; }

    public byte Byte() => Take(1, out ReadOnlySpan<byte> place) ? place[0] : (byte)0;

    public bool Flag() => Byte() != 0;

    public uint UInt32() => Take(4, out ReadOnlySpan<byte> place) ? BinaryPrimitives.ReadUInt32LittleEndian(place) : 0;

    public int Int32() => (int)UInt32();

    public ulong UInt64() => Take(8, out ReadOnlySpan<byte> place) ? BinaryPrimitives.ReadUInt64LittleEndian(place) : 0;

    public long Int64() => (long)UInt64();

    public string Text()
    {
        int bytes = Take(2, out ReadOnlySpan<byte> place) ? BinaryPrimitives.ReadUInt16LittleEndian(place) : 0;
        if (bytes > TextMaxBytes)
        {
            Failed = true;
            return "";
        }
        return Take(bytes, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : "";
    }

    /// <summary>A count of things that follow; more than <paramref name="max"/> fails.</summary>
    public int Count(int max)
    {
        int count = Int32();
        if (count < 0 || count > max)
        {
            Failed = true;
            return 0;
        }
        return count;
    }

    private bool Take(int bytes, out ReadOnlySpan<byte> place)
    {
        if (Failed || _rest.Length < bytes)
        {
            Failed = true;
            place = default;
            return false;
        }
        place = _rest[..bytes];
        _rest = _rest[bytes..];
        return true;
    }
}
