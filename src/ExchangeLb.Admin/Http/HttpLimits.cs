using System;

namespace ExchangeLb.Admin.Http;

/// <summary>What the stats page's HTTP reader allows. Numbers of bytes and headers are HAProxy's defaults (tune.bufsize, tune.http.maxhdr).</summary>
internal static class HttpLimits
{
    /// <summary>Request line and headers together, in bytes; more is answered by 431 (RFC 6585, 5).</summary>
    public const int HeadBytes = 15360;

    /// <summary>Request line, in bytes; more is answered by 414.</summary>
    public const int RequestLineBytes = 8192;

    /// <summary>Header lines; more is answered by 431.</summary>
    public const int Headers = 101;

    /// <summary>Longest method; a longer first word is no HTTP.</summary>
    public const int MethodBytes = 24;

    /// <summary>Connections to stats pages at once; for a further one another has to go: see <see cref="HttpPlaces"/>.</summary>
    public const int Connections = 256;

    /// <summary>Connections that had to go and whose descriptor is still being closed; beyond these, new ones are closed unanswered.</summary>
    public const int Leaving = 256;

    /// <summary>What is sent between two looks at the clock: a client must take this many bytes within its timeout.</summary>
    public const int SendPieceBytes = 65536;

    /// <summary>What is read and thrown away after the last answer, so that the close does not overtake it as a reset.</summary>
    public const int DrainBytes = 65536;

    /// <summary>How long that may take.</summary>
    public static TimeSpan DrainTime { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two messages that the limit on connections is reached.</summary>
    public static TimeSpan NoticeInterval { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Stands in for a timeout that the configuration leaves open, so that nothing waits for ever.</summary>
    public static TimeSpan WaitWhenUnset { get; } = TimeSpan.FromMinutes(1);
}
