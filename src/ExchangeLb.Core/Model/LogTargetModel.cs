using System.Net;

namespace ExchangeLb.Core.Model;

/// <summary>Where a `log` line sends to (configuration.txt, 3.1 and 4.2 `log`).</summary>
public enum LogTargetKind
{
    Udp,
    UnixDatagram,
    Stdout,
    Stderr,
    Descriptor,
}

/// <summary>`format` of a log target (configuration.txt, 4.2 `log`).</summary>
public enum LogFormat
{
    /// <summary>As <see cref="Rfc3164"/>, but without a host unless `log-send-hostname` asks for it. The default.</summary>
    Local,
    Rfc3164,
    Rfc5424,
    Priority,
    Short,
    Timed,
    Iso,
    Raw,
}

/// <summary>Syslog severities (RFC 5424, 6.2.1).</summary>
public enum LogLevel
{
    Emerg,
    Alert,
    Crit,
    Err,
    Warning,
    Notice,
    Info,
    Debug,
}

/// <summary>One `log` line: target, facility, the most verbose level sent, and the level that more severe lines are lowered to.</summary>
public sealed record LogTargetModel(LogTargetKind Kind, SourcePlace Place)
{
    /// <summary>For <see cref="LogTargetKind.Udp"/>.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>For <see cref="LogTargetKind.UnixDatagram"/>.</summary>
    public string? Path { get; init; }

    /// <summary>For <see cref="LogTargetKind.Descriptor"/>.</summary>
    public int Descriptor { get; init; }

    public LogFormat Format { get; init; } = LogFormat.Local;

    /// <summary>Syslog facility code, 0..23 (RFC 5424, 6.2.1).</summary>
    public int Facility { get; init; } = 16;

    /// <summary>Lines less severe than this are not sent.</summary>
    public LogLevel MaxLevel { get; init; } = LogLevel.Debug;

    /// <summary>Lines more severe than this are sent with this level.</summary>
    public LogLevel MinLevel { get; init; } = LogLevel.Emerg;

    /// <summary>`len`: longest line in bytes, 80..65535.</summary>
    public int MaxLength { get; init; } = 1024;
}
