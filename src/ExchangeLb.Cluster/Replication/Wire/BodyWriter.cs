using System;
using System.Buffers.Binary;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>A message under construction. Whoever writes has asked <see cref="Room"/> before; fixed parts always fit.</summary>
internal sealed class BodyWriter(int capacity)
{
    /// <summary>Form of all messages. Read a new form one release before writing it: a pair is upgraded one node after the other.</summary>
    public const byte Form = 1;

    private readonly byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    /// <summary>Bytes that still fit.</summary>
    public int Room => _bytes.Length - Length;

    public ReadOnlySpan<byte> Body => _bytes.AsSpan(0, Length);

    public void Begin(MessageType type, ulong incarnation)
    {
        Length = 0;
        U8(Form);
        U8((byte)type);
        U64(incarnation);
    }

    public void U8(byte value) => _bytes[Length++] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>Length (2), then UTF-8.</summary>
    public void Name(ReadOnlySpan<byte> utf8)
    {
        U16((ushort)utf8.Length);
        utf8.CopyTo(Take(utf8.Length));
    }

    public void Version(StickVersion version)
    {
        U32(version.Epoch);
        U64(version.Sequence);
        U32(version.Writer);
    }

    /// <summary>Begins a block; returns the mark for <see cref="EndBlock"/>.</summary>
    public int BeginBlock(BlockKind kind)
    {
        U8((byte)kind);
        U32(0);
        return Length;
    }

    public void EndBlock(int mark) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(mark - 4), Length - mark);

    public Span<byte> Take(int count)
    {
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    /// <summary>Takes back what was written behind this length.</summary>
    public void CutTo(int length) => Length = length;

    public void SetU8(int at, byte value) => _bytes[at] = value;

    public void SetU16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at), value);
}
