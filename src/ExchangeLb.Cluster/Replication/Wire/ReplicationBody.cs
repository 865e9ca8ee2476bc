using System;
using System.Buffers.Binary;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>A message under construction. Whoever writes has asked <see cref="Room"/> before; fixed parts always fit.</summary>
internal sealed class ReplicationBody(int capacity)
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
        Byte(Form);
        Byte((byte)type);
        UInt64(incarnation);
    }

    public void Byte(byte value) => _bytes[Length++] = value;

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>Length (2), then UTF-8.</summary>
    public void Name(ReadOnlySpan<byte> utf8)
    {
        UInt16((ushort)utf8.Length);
        utf8.CopyTo(Take(utf8.Length));
    }

    public void Version(StickVersion version)
    {
        UInt32(version.Epoch);
        UInt64(version.Sequence);
        UInt32(version.Writer);
    }

    /// <summary>Begins a block; returns the mark for <see cref="EndBlock"/>.</summary>
    public int BeginBlock(BlockKind kind)
    {
        Byte((byte)kind);
        UInt32(0);
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

    public void SetByte(int at, byte value) => _bytes[at] = value;

    public void SetUInt16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at), value);
}
