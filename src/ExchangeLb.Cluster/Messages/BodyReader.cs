using System;
using System.Buffers.Binary;
using System.Text;

namespace ExchangeLb.Cluster.Messages;

/// <summary>
/// Reads the fields of a message one after another. Past the end it gives zeros and <see cref="Failed"/> stays set, so that a reader asks once, after
/// the last field it knows; bytes behind that are of a later release and left alone.
/// </summary>
public ref struct BodyReader(ReadOnlySpan<byte> body)
{
    public const int TextMaxBytes = 4096;

    private ReadOnlySpan<byte> _rest = body;

    /// <summary>The message was shorter than its fields, or one of them was out of bounds.</summary>
    public bool Failed { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Read whole, and nothing wrong.</summary>
    public readonly bool WellDone => !Failed && _rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public bool Flag() => Byte() != 0;

    public ushort UInt16() => Take(2) is { Length: 2 } two ? BinaryPrimitives.ReadUInt16LittleEndian(two) : (ushort)0;

    public uint UInt32() => Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32LittleEndian(four) : 0;

    public int Int32() => (int)UInt32();

    public ulong UInt64() => Take(8) is { Length: 8 } eight ? BinaryPrimitives.ReadUInt64LittleEndian(eight) : 0;

    public long Int64() => (long)UInt64();

    public string Text()
    {
        int bytes = UInt16();
        Require(bytes <= TextMaxBytes);
        return Encoding.UTF8.GetString(Take(bytes));
    }

    /// <summary>A count of things that follow; more than <paramref name="max"/> fails.</summary>
    public int Count(int max)
    {
        int count = Int32();
        Require(count >= 0 && count <= max);
        return Failed ? 0 : count;
    }

    /// <summary>So many bytes as they are; none when there are fewer.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || (uint)count > (uint)_rest.Length)
        {
            Failed = true;
            _rest = default;
            return default;
        }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public ReadOnlySpan<byte> TakeRest() => Take(_rest.Length);

    /// <summary>What the message must be to be believed.</summary>
    public void Require(bool condition) => Failed |= !condition;
}
