using System;
using System.Text;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Core.Health;

/// <summary>
/// Reads the status line of an answer to `option httpchk`, as it comes in: `HTTP/D.D SP CODE [SP REASON]`. 2xx and 3xx pass. The
/// header behind it is not waited for.
/// </summary>
public struct HttpCheckAnswer
{
    /// <summary>Longest status line; a server that sends more without an end is not taken for HTTP.</summary>
    public const int LimitBytes = 256;

    private const int CodeOffset = 9;
    private const int CodeEnd = 12;

    private LineBuffer _line;
    private int _length;
    private string? _info;

    /// <summary>The judgement, once <see cref="Feed"/> or <see cref="End"/> said that there is one.</summary>
    public CheckResult Result { get; private set; }

    /// <summary>HTTP status; 0 when there is none.</summary>
    public int Code { get; private set; }

    /// <summary>The reason phrase of a status that does not pass; else "".</summary>
    public readonly string Info => _info ?? "";

    /// <summary>Takes what has been read; true when <see cref="Result"/> is there.</summary>
    public bool Feed(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b == (byte)'\n')
            {
                Judge();
                return true;
            }
            if (_length == LimitBytes)
            {
                Reject();
                return true;
            }
            _line[_length++] = b;
        }
        if (_length >= CodeOffset && !HasVersion())
        {
            Reject();
            return true;
        }
        return false;
    }

    /// <summary>The server has closed its side before the line ended.</summary>
    public void End() => Reject();

    private void Judge()
    {
        ReadOnlySpan<byte> line = ((ReadOnlySpan<byte>)_line)[.._length];
        if (line is [.., (byte)'\r'])
        {
            line = line[..^1];
        }
        bool spaceOrEnd = line.Length == CodeEnd || (line.Length > CodeEnd && line[CodeEnd] == (byte)' ');
        if (!spaceOrEnd || !HasVersion() || !TryReadCode(line[CodeOffset..CodeEnd], out int code))
        {
            Reject();
            return;
        }
        Code = code;
        bool passed = code is >= 200 and <= 399;
        Result = passed ? CheckResult.HttpOk : CheckResult.HttpBadStatus;
        _info = passed || line.Length == CodeEnd ? "" : Printable(line[(CodeEnd + 1)..]);
    }

    private void Reject()
    {
        Result = CheckResult.HttpBadResponse;
        Code = 0;
        _info = "";
    }

    private readonly bool HasVersion()
    {
        ReadOnlySpan<byte> line = _line;
        return line.StartsWith("HTTP/"u8) && IsDigit(line[5]) && line[6] == (byte)'.' && IsDigit(line[7]) && line[8] == (byte)' ';
    }

    private static bool TryReadCode(ReadOnlySpan<byte> digits, out int code)
    {
        code = 0;
        foreach (byte digit in digits)
        {
            if (!IsDigit(digit))
            {
                return false;
            }
            code = (code * 10) + digit - '0';
        }
        return code >= 100;
    }

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    /// <summary>The text goes into logs and pages: nothing but printable ASCII, anything else becomes a question mark.</summary>
    private static string Printable(ReadOnlySpan<byte> text)
    {
        StringBuilder result = new(text.Length);
        foreach (byte b in text)
        {
            result.Append(b is >= 0x20 and < 0x7F ? (char)b : '?');
        }
        return result.ToString();
    }

    [System.Runtime.CompilerServices.InlineArray(LimitBytes)]
    private struct LineBuffer
    {
        private byte _first;
    }
}
