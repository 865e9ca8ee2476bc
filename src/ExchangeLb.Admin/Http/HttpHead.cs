using System;

namespace ExchangeLb.Admin.Http;

/// <summary>What a look at the bytes received so far says.</summary>
internal enum HeadState
{
    Incomplete,
    Complete,

    /// <summary>No head of a request can begin like this: 400.</summary>
    Malformed,

    /// <summary>414.</summary>
    LineTooLong,

    /// <summary>The head has more than <see cref="HttpLimits.HeadBytes"/>: 431.</summary>
    TooLarge,
}

/// <summary>
/// Finds the end of a request's head in bytes that come in pieces of any size. Each byte is looked at once, so that a client
/// that sends them one by one costs no more than one that sends them together. Lines may end with LF alone, as HAProxy
/// takes them; empty lines before the request are skipped (RFC 9112, 2.2).
/// </summary>
internal struct HttpHead
{
    private int _seen;
    private int _lineStart;
    private bool _hasLine;

    /// <summary>Where the request line begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where the next request begins, once <see cref="HeadState.Complete"/>.</summary>
    public int End { get; private set; }

    /// <param name="received">All bytes of this request so far; earlier ones unchanged.</param>
    public HeadState Look(ReadOnlySpan<byte> received)
    {
        for (; _seen < received.Length; _seen++)
        {
            if (_seen >= HttpLimits.HeadBytes)
            {
                return HeadState.TooLarge;
            }
            byte octet = received[_seen];
            if (octet == '\n')
            {
                if (EndLine(received))
                {
                    return HeadState.Complete;
                }
            }
            else if (!_hasLine && !MayBeInRequestLine(octet, received))
            {
                return HeadState.Malformed;
            }
            else if (!_hasLine && _seen - _lineStart >= HttpLimits.RequestLineBytes)
            {
                return HeadState.LineTooLong;
            }
        }
        return HeadState.Incomplete;
    }

    /// <summary>True at the empty line that ends the head.</summary>
    private bool EndLine(ReadOnlySpan<byte> received)
    {
        ReadOnlySpan<byte> line = received[_lineStart.._seen];
        bool empty = line.Length == 0 || (line.Length == 1 && line[0] == '\r');
        _lineStart = _seen + 1;
        if (!empty)
        {
            _hasLine = true;
            return false;
        }
        if (!_hasLine)
        {
            Start = _lineStart;
            return false;
        }
        End = _seen + 1;
        _seen++;
        return true;
    }

    /// <summary>A client that speaks something else (TLS, say) is told so at once and not after a timeout.</summary>
    private readonly bool MayBeInRequestLine(byte octet, ReadOnlySpan<byte> received)
    {
        if (octet is < 0x20 or >= 0x7F && octet != '\r')
        {
            return false;
        }
        int position = _seen - _lineStart;
        return position <= HttpLimits.MethodBytes || received.Slice(_lineStart, HttpLimits.MethodBytes + 1).Contains((byte)' ');
    }
}
