using System;
using System.Buffers;
using System.Text;

namespace ExchangeLb.Admin.Commands;

/// <summary>Gathers bytes that come in pieces of any size into lines. Holds at most one line's worth.</summary>
internal sealed class LineBuffer : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1024);
    private int _filled;
    private int _seen;

    /// <summary>The line in the buffer is longer than is allowed, and there is no room for more.</summary>
    public bool IsFull => _filled >= CommandLimits.LineBytes;

    /// <summary>Where the next bytes go. Empty when full.</summary>
    public Memory<byte> Room()
    {
        if (_filled == _buffer.Length && !IsFull)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _filled).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        return _buffer.AsMemory(_filled, Math.Min(_buffer.Length, CommandLimits.LineBytes) - _filled);
    }

    public void Received(int count) => _filled += count;

    /// <summary>The next whole line without its end, or null. Each byte is looked at once.</summary>
    public string? TakeLine()
    {
        int end = _buffer.AsSpan(_seen, _filled - _seen).IndexOf((byte)'\n');
        if (end < 0)
        {
            _seen = _filled;
            return null;
        }
        end += _seen;
        string line = Encoding.UTF8.GetString(_buffer, 0, end);
        _filled -= end + 1;
        Buffer.BlockCopy(_buffer, end + 1, _buffer, 0, _filled);
        _seen = 0;
        return line;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
