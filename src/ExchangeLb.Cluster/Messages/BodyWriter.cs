using System;
using System.Buffers.Binary;
using System.Text;

namespace ExchangeLb.Cluster.Messages;

/// <summary>Writes the fields of a message one after another, little-endian. What doesn't fit is not written and <see cref="Overflowed"/> says so.</summary>
public ref struct BodyWriter(Span<byte> room)
{
    private readonly Span<byte> _room = room;

    public int Length { get; private set; }

    /// <summary>The message is not complete and must not be sent.</summary>
    public bool Overflowed { get; private set; }

    public void Byte(byte value)
    {
        if (Take(1, out Span<byte> place)) { place[0] = value; }
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt32(uint value)
    {
        if (Take(4, out Span<byte> place)) { BinaryPrimitives.WriteUInt32LittleEndian(place, value); }
    }

    public void Int32(int value) => UInt32((uint)value);

    public void UInt64(ulong value)
    {
        if (Take(8, out Span<byte> place)) { BinaryPrimitives.WriteUInt64LittleEndian(place, value); }
    }

    public void Int64(long value) => UInt64((ulong)value);

    /// <summary>UTF-8 behind its length in two bytes; cut at <see cref="BodyReader.TextMaxBytes"/>.</summary>
    public void Text(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes > BodyReader.TextMaxBytes)
        {
            value = value[..(BodyReader.TextMaxBytes / 4)];
            bytes = Encoding.UTF8.GetByteCount(value);
        }
        if (Take(2 + bytes, out Span<byte> place))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)bytes);
            Encoding.UTF8.GetBytes(value, place[2..]);
        }
    }

    private bool Take(int bytes, out Span<byte> place)
    {
        if (Overflowed || _room.Length - Length < bytes)
        {
            Overflowed = true;
            place = default;
            return false;
        }
        place = _room.Slice(Length, bytes);
        Length += bytes;
        return true;
    }
}
