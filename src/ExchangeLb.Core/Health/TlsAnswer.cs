using System;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Core.Health;

/// <summary>
/// The verdict on what a server answered to a ClientHello: an alert or a handshake record, known by its first byte, passes, as
/// with HAProxy's `option ssl-hello-chk`. Either proves a TLS stack; which of the two came is told in <see cref="Info"/>.
/// </summary>
/// <remarks>
/// Like HAProxy it waits for the five bytes of a record header; when the server closes before, it judges what there is.
/// Two bytes more are read, if they are there already, to name an alert (RFC 8446, 6).
/// </remarks>
public struct TlsAnswer
{
    private const byte Alert = 0x15;
    private const byte Handshake = 0x16;
    private const int HeaderLength = 5;

    private byte _first;
    private byte _alertCode;
    private int _received;

    /// <summary>The judgement, once <see cref="Feed"/> or <see cref="End"/> said that there is one.</summary>
    public CheckResult Result { get; private set; }

    /// <summary>The first byte of the answer; 0 when none came.</summary>
    public readonly int Code => _first;

    /// <summary>For people: nothing after a handshake, as in HAProxy's logs; `TLS alert 40 (handshake_failure)`, or what is wrong.</summary>
    public readonly string Info => (Result, _first) switch
    {
        (CheckResult.TlsOk, Handshake) => "",
        (CheckResult.TlsOk, _) when _received > HeaderLength + 1 => TlsAlertText.Describe(_alertCode),
        (CheckResult.TlsOk, _) => "TLS alert",
        _ when _received == 0 => "connection closed without an answer",
        _ => "the answer is not TLS",
    };

    /// <summary>Takes what has been read; true when <see cref="Result"/> is there.</summary>
    public bool Feed(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length && _received <= HeaderLength + 1; i++, _received++)
        {
            if (_received == 0)
            {
                _first = bytes[i];
            }
            _alertCode = bytes[i];
        }
        if (_received < HeaderLength)
        {
            return false;
        }
        Judge();
        return true;
    }

    /// <summary>The server has closed its side.</summary>
    public void End() => Judge();

    private void Judge() =>
        Result = _received > 0 && _first is Alert or Handshake ? CheckResult.TlsOk : CheckResult.TlsBadResponse;
}
