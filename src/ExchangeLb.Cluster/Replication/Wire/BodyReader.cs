using System;
using System.Buffers.Binary;
using System.Text.Unicode;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Replication.Wire;

/// <summary>Reads a message from its beginning to its end. What is not there or out of bounds reads as 0 and makes it <see cref="Broken"/>.</summary>
internal ref struct BodyReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Longest name of a table, backend or server: 255 characters of configuration.</summary>
    public const int NameMaxBytes = 1020;

    private ReadOnlySpan<byte> _rest = bytes;

    public bool Broken { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Read whole, and nothing wrong.</summary>
    public readonly bool WellDone => !Broken && _rest.IsEmpty;

    public byte U8() => Take(1) is [var value] ? value : (byte)0;

    public ushort U16() => Take(2) is { Length: 2 } two ? BinaryPrimitives.ReadUInt16LittleEndian(two) : (ushort)0;

    public uint U32() => Take(4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32LittleEndian(four) : 0;

    public ulong U64() => Take(8) is { Length: 8 } eight ? BinaryPrimitives.ReadUInt64LittleEndian(eight) : 0;

    /// <summary>A number that is counted up, so below 2^63 unless somebody errs.</summary>
    public ulong Counter()
    {
        ulong value = U64();
        Require(value <= long.MaxValue);
        return value;
    }

    public bool Flag()
    {
        byte value = U8();
        Require(value <= 1);
        return value == 1;
    }

    public uint Node()
    {
        uint value = U32();
        Require(value > 0);
        return value;
    }

    public ReadOnlySpan<byte> Name()
    {
        ReadOnlySpan<byte> name = OptionalName();
        Require(name.Length > 0);
        return name;
    }

    public ReadOnlySpan<byte> OptionalName()
    {
        int length = U16();
        Require(length <= NameMaxBytes);
        ReadOnlySpan<byte> name = Take(length);
        Require(Utf8.IsValid(name));
        return name;
    }

    public StickVersion Version() => new(U32(), Counter(), U32());

    public ReadOnlySpan<byte> Take(int count)
    {
        if (Broken || (uint)count > (uint)_rest.Length)
        {
            Broken = true;
            _rest = default;
            return default;
        }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public ReadOnlySpan<byte> TakeRest() => Take(_rest.Length);

    public void Require(bool condition) => Broken |= !condition;
}
