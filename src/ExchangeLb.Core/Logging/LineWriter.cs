using System;
using System.Buffers.Text;

namespace ExchangeLb.Core.Logging;

/// <summary>Appends text to a buffer; what no longer fits is cut off, as a log line's `len` demands.</summary>
public ref struct LineWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public void Add(scoped ReadOnlySpan<byte> text)
    {
        int fits = Math.Min(text.Length, _destination.Length - Length);
        text[..fits].CopyTo(_destination[Length..]);
        Length += fits;
    }

    public void Add(byte character)
    {
        if (Length < _destination.Length)
        {
            _destination[Length++] = character;
        }
    }

    /// <summary>A number in decimal.</summary>
    public void Add(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int length);
        Add(digits[..length]);
    }

    /// <summary>A number in decimal with zeros before it, 0 up to what <paramref name="width"/> digits (1..9) can say.</summary>
    public void AddPadded(int number, int width)
    {
        Span<byte> digits = stackalloc byte[width];
        for (int i = width - 1; i >= 0; i--)
        {
            digits[i] = (byte)('0' + (number % 10));
            number /= 10;
        }
        Add(digits);
    }
}
