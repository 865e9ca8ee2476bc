using System;
using System.Collections.Immutable;

namespace ExchangeLb.Core.Model;

/// <summary>The server side of a proxy. Times that are null were not set: no limit, as in HAProxy.</summary>
public sealed record BackendModel(int Id, string Name)
{
    public BalanceKind Balance { get; init; } = BalanceKind.RoundRobin;

    /// <summary>In the order of the file. A server's index in this array is its identity inside the process.</summary>
    public ImmutableArray<ServerModel> Servers { get; init; } = [];

    /// <summary>`timeout connect`: longest connection attempt.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>`timeout server`: longest silence of the server.</summary>
    public TimeSpan? ServerTimeout { get; init; }

    /// <summary>`timeout server-fin`: the same once the connection towards the server is half closed.</summary>
    public TimeSpan? ServerFinTimeout { get; init; }

    /// <summary>`timeout tunnel`: replaces client and server timeout once both sides are connected.</summary>
    public TimeSpan? TunnelTimeout { get; init; }

    /// <summary>`timeout queue`: longest wait for a free server; null: the connect timeout, as in HAProxy.</summary>
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>`timeout check`: longest wait for a check's answer after its connection was made.</summary>
    public TimeSpan? CheckTimeout { get; init; }

    /// <summary>`retries`: connection attempts after the first.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>
    /// `option redispatch [N]`: 0 not set; N &gt; 0: after every N-th retry another server may be chosen; N &lt; 0: counted from
    /// the last retry, -1 (the keyword's default) being the last.
    /// </summary>
    public int RedispatchInterval { get; init; }

    /// <summary>`option allbackups`: all backup servers share the load when no other is usable, not the first alone.</summary>
    public bool AllBackups { get; init; }

    /// <summary>`option persist`: a stuck client is sent to its server even when that is down.</summary>
    public bool Persist { get; init; }

    /// <summary>`option abortonclose`: a waiting session whose client has closed is given up even with data pending.</summary>
    public bool AbortOnClose { get; init; }

    /// <summary>`fullconn`: the load at which dynamic limits reach their maximum; shown by the stats (slim).</summary>
    public int FullConn { get; init; }

    /// <summary>`option srvtcpka` or `option tcpka`.</summary>
    public bool KeepAlive { get; init; }

    /// <summary>`option log-health-checks`: each change of a check's result is logged, not only changes of state.</summary>
    public bool LogHealthChecks { get; init; }

    /// <summary>How servers with `check` are checked.</summary>
    public CheckModel Check { get; init; } = new TcpConnectCheckModel();

    public StickTableModel? StickTable { get; init; }

    /// <summary>`stick on`, `stick match`, `stick store-request` in order.</summary>
    public ImmutableArray<StickRuleModel> StickRules { get; init; } = [];

    /// <summary>Log targets for server state lines, `log global` already replaced.</summary>
    public ImmutableArray<LogTargetModel> LogTargets { get; init; } = [];

    public bool Disabled { get; init; }
}

/// <summary>`balance` (configuration.txt, 4.2).</summary>
public enum BalanceKind
{
    RoundRobin,
    StaticRoundRobin,
    LeastConn,
    First,
    Source,
}

/// <summary>`stick-table type ip|ipv6 size N [expire T] [nopurge]`. The table's name is its backend's.</summary>
public sealed record StickTableModel(string Name, StickKeyKind Key, int Size, TimeSpan? Expire, bool NoPurge, SourcePlace Place);

/// <summary>Type of a stick table's key: `type ip` (IPv4) or `type ipv6` (IPv4 clients as mapped addresses, as in HAProxy).</summary>
public enum StickKeyKind
{
    IPv4,
    IPv6,
}

/// <summary>`stick on|match|store-request src [table NAME] [if|unless CONDITION]`.</summary>
public sealed record StickRuleModel(bool Match, bool Store, string Table, ConditionModel? Condition, SourcePlace Place);

/// <summary>How a backend checks its servers; see the derived records.</summary>
public abstract record CheckModel;

/// <summary>A TCP connection that is made is a passed check.</summary>
public sealed record TcpConnectCheckModel : CheckModel;

/// <summary>
/// `option ssl-hello-chk`: a ClientHello is sent; an answer that begins with 0x15 or 0x16 passes (HAProxy tcpcheck.c).
/// </summary>
/// <param name="Legacy">`option ssl-hello-chk legacy`: send HAProxy's SSLv3 hello in place of a TLS 1.2/1.3 one.</param>
public sealed record SslHelloCheckModel(bool Legacy) : CheckModel;

/// <summary>`option httpchk [METHOD] [URI [VERSION]]`: an answer with status 2xx or 3xx passes.</summary>
/// <param name="Method">`OPTIONS` by default.</param>
/// <param name="Uri">`/` by default.</param>
/// <param name="Version">`HTTP/1.0` by default, with whatever headers the old form of the keyword carries behind it.</param>
public sealed record HttpCheckModel(string Method, string Uri, string Version) : CheckModel;
