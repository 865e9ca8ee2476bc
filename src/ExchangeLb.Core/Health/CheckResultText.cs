using System;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Core.Health;

/// <summary>HAProxy's codes and words for check results (management.txt, 9.1 `check_status`, `check_desc`).</summary>
public static class CheckResultText
{
    /// <summary>Short code: `L4OK`, `L6TOUT`, …</summary>
    public static string Code(CheckResult result) => result switch
    {
        CheckResult.Initial => "INI",
        CheckResult.SocketError => "SOCKERR",
        CheckResult.ConnectOk => "L4OK",
        CheckResult.ConnectTimeout => "L4TOUT",
        CheckResult.ConnectError => "L4CON",
        CheckResult.TlsOk => "L6OK",
        CheckResult.TlsTimeout => "L6TOUT",
        CheckResult.TlsBadResponse => "L6RSP",
        CheckResult.HttpOk => "L7OK",
        CheckResult.HttpTimeout => "L7TOUT",
        CheckResult.HttpBadResponse => "L7RSP",
        CheckResult.HttpBadStatus => "L7STS",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "no such check result"),
    };

    /// <summary>The sentence behind the code: `Layer4 timeout`, …</summary>
    public static string Description(CheckResult result) => result switch
    {
        CheckResult.Initial => "Initializing",
        CheckResult.SocketError => "Socket error",
        CheckResult.ConnectOk => "Layer4 check passed",
        CheckResult.ConnectTimeout => "Layer4 timeout",
        CheckResult.ConnectError => "Layer4 connection problem",
        CheckResult.TlsOk => "Layer6 check passed",
        CheckResult.TlsTimeout => "Layer6 timeout",
        CheckResult.TlsBadResponse => "Layer6 invalid response",
        CheckResult.HttpOk => "Layer7 check passed",
        CheckResult.HttpTimeout => "Layer7 timeout",
        CheckResult.HttpBadResponse => "Layer7 invalid response",
        CheckResult.HttpBadStatus => "Layer7 wrong status",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "no such check result"),
    };

    public static bool Passed(CheckResult result) => result is CheckResult.ConnectOk or CheckResult.TlsOk or CheckResult.HttpOk;

    /// <summary>Whether the report carries an HTTP status (`code:` in the log).</summary>
    public static bool HasHttpStatus(CheckResult result) => result is CheckResult.HttpOk or CheckResult.HttpBadStatus;
}
