using System;
using System.Buffers.Binary;
using System.Text;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>Reads what <see cref="SessionImageCodec"/> wrote. Once something is missing or cannot be, all that follows is 0 and <see cref="Failed"/> says so.</summary>
internal ref struct ImageReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool Failed { get; private set; }

    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1) is { Length: 1 } taken ? taken[0] : (byte)0;

    public long Number() => Take(sizeof(long)) is { Length: sizeof(long) } taken ? BinaryPrimitives.ReadInt64LittleEndian(taken) : 0;

    /// <summary>-1 (none) up to what an int holds.</summary>
    public int Small() => (int)Within(Number(), -1, int.MaxValue);

    /// <summary>Milliseconds, up to a thousand years.</summary>
    public long Age() => Within(Number(), 0, 1L << 45);

    public string Text() => Encoding.UTF8.GetString(Take(Byte()));

    public FlowImage Flow()
    {
        var traits = (FlowTraits)Byte();
        long received = Within(Number(), 0, long.MaxValue / 2), passed = Within(Number(), 0, long.MaxValue / 2), taken = Age();
        long held = Within(Number(), 0, TcpImageCodec.QueueLimit);
        return new FlowImage { Traits = traits, Received = received, Passed = passed, TakenAgoMs = taken, Held = Take((int)held).ToArray() };
    }

    public TcpImage? Connection(ImageClock now)
    {
        if (Failed || !TcpImageCodec.TryRead(_rest, now, out TcpImage? image, out int length))
        {
            Failed = true;
            return null;
        }
        _rest = _rest[length..];
        return image;
    }

    private long Within(long value, long least, long most)
    {
        if (value < least || value > most)
        {
            Failed = true;
            return 0;
        }
        return value;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (Failed || length > _rest.Length)
        {
            Failed = true;
            return [];
        }
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
