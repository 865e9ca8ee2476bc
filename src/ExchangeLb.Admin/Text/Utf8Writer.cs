using System;
using System.Buffers;
using System.Globalization;
using System.Text;

namespace ExchangeLb.Admin.Text;

/// <summary>
/// Gathers an answer as UTF-8 in one pooled buffer. Not thread-safe. Disposing gives the buffer back, so that nothing is
/// held while nobody asks.
/// </summary>
internal sealed class Utf8Writer : IDisposable
{
    private const int FirstCapacity = 4096;

    /// <summary>Room for one value: more than an IPv6 address with its zone takes.</summary>
    private const int LongestValue = 96;

    private byte[] _buffer = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public Utf8Writer Raw(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        Length += utf8.Length;
        return this;
    }

    /// <summary>Text as it is; the caller knows that it needs no encoding.</summary>
    public Utf8Writer Text(ReadOnlySpan<char> text)
    {
        // Lone surrogates become U+FFFD, so the bound of UTF-8 holds for whatever came.
        Span<byte> room = Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, room);
        return this;
    }

    public Utf8Writer Number(long value)
    {
        Span<byte> room = Reserve(20);
        value.TryFormat(room, out int written, default, CultureInfo.InvariantCulture);
        Length += written;
        return this;
    }

    /// <summary>A value whose text is at most <see cref="LongestValue"/> bytes long, without a string on the way.</summary>
    public Utf8Writer Value<T>(T value, ReadOnlySpan<char> format = default)
        where T : IUtf8SpanFormattable
    {
        if (!value.TryFormat(Reserve(LongestValue), out int written, format, CultureInfo.InvariantCulture))
        {
            throw new FormatException($"A {typeof(T).Name} is too long.");
        }
        Length += written;
        return this;
    }

    public void Clear() => Length = 0;

    public override string ToString() => Encoding.UTF8.GetString(_buffer, 0, Length);

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
        _buffer = [];
        Length = 0;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + count), Math.Max(FirstCapacity, _buffer.Length * 2)));
            _buffer.AsSpan(0, Length).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }
            _buffer = larger;
        }
        return _buffer.AsSpan(Length);
    }
}
