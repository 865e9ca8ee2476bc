using System;
using System.Collections.Immutable;
using System.Net;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Runtime;

/// <summary>Everything that the stats page, the CSV and the stats socket show, copied at one moment. Counters are since start or `clear counters`.</summary>
public sealed record LoadBalancerSnapshot(ProcessSnapshot Process, ImmutableArray<ProxySnapshot> Proxies);

/// <summary>What `show info` tells of the process.</summary>
public sealed record ProcessSnapshot
{
    public string Version { get; init; } = "";
    public int Pid { get; init; }
    public int ThreadCount { get; init; }
    public TimeSpan Uptime { get; init; }
    public string Node { get; init; } = "";
    public string Description { get; init; } = "";

    /// <summary>Descriptor limit (RLIMIT_NOFILE).</summary>
    public long DescriptorLimit { get; init; }
    public int MaxConn { get; init; }
    public int CurrentConnections { get; init; }
    public int MaxConnectionsSeen { get; init; }

    /// <summary>Connections accepted since start.</summary>
    public long TotalConnections { get; init; }
    public int ConnectionRate { get; init; }
    public int MaxConnectionRate { get; init; }
    public long BytesOutTotal { get; init; }

    /// <summary>Times that accepting paused for want of descriptors or memory.</summary>
    public long AcceptPausesTotal { get; init; }

    /// <summary>Connections to servers that found none of this node's ports free, and can't go along with a virtual address.</summary>
    public long ServerPortsExhaustedTotal { get; init; }

    /// <summary>Log lines that could not be sent.</summary>
    public long DroppedLogs { get; init; }

    /// <summary>Share of time that the loops waited, 0..100, over about the last second.</summary>
    public int IdlePercent { get; init; }
    public bool Stopping { get; init; }

    /// <summary>Pipes held for splice, in use and pooled.</summary>
    public int PipesUsed { get; init; }
    public int PipesFree { get; init; }

    /// <summary>Configurations that replaced the one before since the start.</summary>
    public long ReloadsTotal { get; init; }

    /// <summary>The last reload, or attempt at one; null: there was none.</summary>
    public ReloadSnapshot? LastReload { get; init; }
}

/// <summary>A reload of the configuration.</summary>
/// <param name="Done">False: it was refused, and the configuration before goes on.</param>
/// <param name="Result">What it changed, or why it was refused.</param>
public sealed record ReloadSnapshot(DateTimeOffset At, bool Done, string Result);

/// <summary>One proxy; which parts are there depends on its kind.</summary>
public sealed record ProxySnapshot(ProxyModel Model)
{
    public FrontendSnapshot? Frontend { get; init; }
    public ImmutableArray<ServerSnapshot> Servers { get; init; } = [];
    public BackendSnapshot? Backend { get; init; }
    public StickTableSnapshot? StickTable { get; init; }
}

/// <summary>Sessions and bytes, common to all rows. Rates are per second, over about the last second.</summary>
public sealed record TrafficSnapshot
{
    public int CurrentSessions { get; init; }
    public int MaxSessions { get; init; }
    public long TotalSessions { get; init; }

    /// <summary>Bytes received from the client (or sent to the server).</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes sent to the client (or received from the server).</summary>
    public long BytesOut { get; init; }
    public int SessionRate { get; init; }
    public int MaxSessionRate { get; init; }
}

public enum FrontendStatus
{
    Open,
    Full,
    Stopped,
}

public sealed record FrontendSnapshot
{
    public FrontendStatus Status { get; init; }
    public TrafficSnapshot Traffic { get; init; } = new();

    /// <summary>Effective session limit (slim).</summary>
    public int SessionLimit { get; init; }

    /// <summary>Connections accepted: sessions and those refused before one began (conn_tot).</summary>
    public long ConnectionsTotal { get; init; }
    public int ConnectionRate { get; init; }
    public int MaxConnectionRate { get; init; }

    /// <summary>Requests refused by the client's own fault (ereq).</summary>
    public long RequestErrors { get; init; }

    /// <summary>Requests by status class 1xx..5xx and other, for sections that serve the stats page.</summary>
    public ImmutableArray<long> HttpResponses { get; init; } = [0, 0, 0, 0, 0, 0];

    /// <summary>HTTP requests received (req_tot).</summary>
    public long HttpRequests { get; init; }

    /// <summary>Addresses that are listened on, as text.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];
}

public sealed record BackendSnapshot
{
    /// <summary>At least one server is usable (UP), or it has none and serves the stats page.</summary>
    public bool Up { get; init; }
    public TrafficSnapshot Traffic { get; init; } = new();
    public int SessionLimit { get; init; }
    public int Queued { get; init; }
    public int MaxQueued { get; init; }

    /// <summary>Sum of the effective weights of usable servers.</summary>
    public int Weight { get; init; }
    public int ActiveServers { get; init; }
    public int BackupServers { get; init; }

    /// <summary>Connections that could not be made (econ).</summary>
    public long ConnectionErrors { get; init; }

    /// <summary>Sessions that ended by an error of the server (eresp).</summary>
    public long ResponseErrors { get; init; }
    public long Retries { get; init; }
    public long Redispatches { get; init; }

    /// <summary>Changes from up to down (chkdown).</summary>
    public long DownTransitions { get; init; }
    public TimeSpan SinceChange { get; init; }
    public TimeSpan Downtime { get; init; }

    /// <summary>Times that a server was chosen (lbtot).</summary>
    public long SelectedTotal { get; init; }

    /// <summary>Since a session was last sent here; null: never.</summary>
    public TimeSpan? SinceLastSession { get; init; }

    /// <summary>Data transfers aborted by the client / the server (cli_abrt, srv_abrt).</summary>
    public long ClientAborts { get; init; }
    public long ServerAborts { get; init; }

    /// <summary>Means over the last 1,024 sessions.</summary>
    public MeanTimes Means { get; init; }

    /// <summary>Connections to servers tried (connect).</summary>
    public long ConnectAttempts { get; init; }
}

/// <summary>Mean and largest times in milliseconds: in the queue, to connect, whole session.</summary>
public readonly record struct MeanTimes(int QueueMs, int ConnectMs, int TotalMs, int MaxQueueMs, int MaxConnectMs, int MaxTotalMs);

public sealed record ServerSnapshot(ServerModel Model)
{
    public ServerAdminState Admin { get; init; }
    public ServerHealth Health { get; init; }

    /// <summary>Where the counter of contrary results stands: up with 0 &lt; n &lt; fall failures is "UP n/fall".</summary>
    public int ContraryChecks { get; init; }
    public int Weight { get; init; }
    public int InitialWeight { get; init; }
    public TrafficSnapshot Traffic { get; init; } = new();
    public int Queued { get; init; }
    public int MaxQueued { get; init; }
    public long ConnectionErrors { get; init; }
    public long ResponseErrors { get; init; }
    public long Retries { get; init; }
    public long Redispatches { get; init; }

    /// <summary>Failed checks while up (chkfail).</summary>
    public long CheckFailures { get; init; }
    public long DownTransitions { get; init; }
    public TimeSpan SinceChange { get; init; }
    public TimeSpan Downtime { get; init; }
    public long SelectedTotal { get; init; }
    public TimeSpan? SinceLastSession { get; init; }
    public CheckSnapshot? Check { get; init; }
    public long ClientAborts { get; init; }
    public long ServerAborts { get; init; }
    public MeanTimes Means { get; init; }
    public long ConnectAttempts { get; init; }

    /// <summary>Where connections go; null while only the client's port would tell.</summary>
    public IPEndPoint? Address { get; init; }
}

/// <summary>The last check of a server.</summary>
public sealed record CheckSnapshot(CheckResult Result)
{
    /// <summary>HTTP status or first TLS byte; 0: none.</summary>
    public int Code { get; init; }
    public int DurationMs { get; init; }

    /// <summary>What was seen, for people: "Connection refused", "TLS alert 40", "404 Not Found".</summary>
    public string Info { get; init; } = "";

    /// <summary>A check is going on now (HAProxy marks it `* `).</summary>
    public bool Running { get; init; }
    public int Rise { get; init; }
    public int Fall { get; init; }

    /// <summary>HAProxy's counter: 0..rise-1 down, rise..rise+fall-1 up.</summary>
    public int Health { get; init; }
}

public sealed record StickTableSnapshot(StickTableModel Model, int Used);
