using System;
using System.Runtime.CompilerServices;
using System.Text;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Core.Health;

/// <summary>
/// Reads the head of an answer to `option httpchk` as it comes in. `HTTP/D.D CODE [REASON]`, header lines, an empty line: then codes
/// 2xx and 3xx pass. As tolerant as HAProxy 2.6: empty lines first, line ends without CR, several blanks, folded headers.
/// </summary>
public struct HttpCheckAnswer
{
    /// <summary>Longest head; a server that sends more without an end is not taken for HTTP (HAProxy: its buffer).</summary>
    public const int LimitBytes = 16384;

    private const int LongestReason = 127;
    private const int LargestCode = 99_999;

    private Reason _reason;
    private int _reasonLength;
    private int _received;
    private int _versionLength;
    private State _state;

    private enum State : byte
    {
        LeadingEmptyLines,
        Version,
        FirstBlank,
        BeforeCode,
        Code,
        BeforeReason,
        Reason,
        EndOfStatusLine,
        LineStart,
        HeaderName,
        HeaderValue,
        EndOfHead,
        Judged,
    }

    /// <summary>The judgement, once <see cref="Feed"/> or <see cref="End"/> said that there is one.</summary>
    public CheckResult Result { get; private set; }

    /// <summary>HTTP status; 0 when there is none.</summary>
    public int Code { get; private set; }

    /// <summary>The reason phrase of a status that does not pass, in printable ASCII and at most 127 characters; else "".</summary>
    public readonly string Info =>
        Result == CheckResult.HttpBadStatus ? Encoding.ASCII.GetString(((ReadOnlySpan<byte>)_reason)[.._reasonLength]) : "";

    /// <summary>Takes what has been read; true when <see cref="Result"/> is there.</summary>
    public bool Feed(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (!Accept(b) || (_state != State.Judged && ++_received > LimitBytes))
            {
                End();
            }
            if (_state == State.Judged)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The server has closed its side before the head ended: not an HTTP answer.</summary>
    public void End()
    {
        _state = State.Judged;
        Code = 0;
        Result = CheckResult.HttpBadResponse;
    }

    /// <summary>One byte further; false when it may not stand here.</summary>
    private bool Accept(byte b) => _state switch
    {
        State.LeadingEmptyLines => b is CR or LF || AcceptVersion(b),
        State.Version => AcceptVersion(b),
        State.FirstBlank => IsBlank(b) && Goto(State.BeforeCode),
        State.BeforeCode => IsBlank(b) || AcceptCode(b),
        State.Code => AcceptCode(b) || AcceptEndOfCode(b),
        State.BeforeReason => IsBlank(b) || AcceptReason(b),
        State.Reason => AcceptReason(b),
        State.EndOfStatusLine => b == LF && Goto(State.LineStart),
        State.LineStart => AcceptLineStart(b),
        State.HeaderName => b == (byte)':' ? Goto(State.HeaderValue) : IsNameCharacter(b),
        State.HeaderValue => b != LF || Goto(State.LineStart),
        _ => b == LF && Judge(),
    };

    private bool AcceptVersion(byte b)
    {
        const byte Digit = (byte)'D';
        byte wanted = "HTTP/D.D"u8[_versionLength++];
        bool fits = wanted == Digit ? IsDigit(b) : b == wanted;
        return fits && Goto(_versionLength == "HTTP/D.D"u8.Length ? State.FirstBlank : State.Version);
    }

    private bool AcceptCode(byte b)
    {
        if (!IsDigit(b) || Code > LargestCode)
        {
            return false;
        }
        Code = (Code * 10) + b - '0';
        return Goto(State.Code);
    }

    private bool AcceptEndOfCode(byte b) => IsBlank(b) ? Goto(State.BeforeReason) : AcceptEndOfStatusLine(b);

    private bool AcceptEndOfStatusLine(byte b) => b switch
    {
        CR => Goto(State.EndOfStatusLine),
        LF => Goto(State.LineStart),
        _ => false,
    };

    private bool AcceptReason(byte b)
    {
        if (AcceptEndOfStatusLine(b))
        {
            return true;
        }
        if (_reasonLength < LongestReason)
        {
            _reason[_reasonLength++] = b is >= 0x20 and < 0x7F ? b : (byte)'?';
        }
        return Goto(State.Reason);
    }

    private bool AcceptLineStart(byte b) => b switch
    {
        CR => Goto(State.EndOfHead),
        LF => Judge(),
        _ when IsBlank(b) => Goto(State.HeaderValue),
        _ => IsNameCharacter(b) && Goto(State.HeaderName),
    };

    private bool Judge()
    {
        Result = Code is >= 200 and <= 399 ? CheckResult.HttpOk : CheckResult.HttpBadStatus;
        return Goto(State.Judged);
    }

    private bool Goto(State state)
    {
        _state = state;
        return true;
    }

    private const byte CR = (byte)'\r';
    private const byte LF = (byte)'\n';

    private static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t';

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    /// <summary>`token` of RFC 9110, 5.6.2.</summary>
    private static bool IsNameCharacter(byte b) => char.IsAsciiLetterOrDigit((char)b) || "!#$%&'*+-.^_`|~"u8.Contains(b);

    [InlineArray(LongestReason)]
    private struct Reason
    {
        private byte _first;
    }
}
