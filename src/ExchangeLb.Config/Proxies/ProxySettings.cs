using System;
using System.Collections.Immutable;
using ExchangeLb.Config.Servers;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Proxies;

/// <summary>What a proxy inherits from `defaults`: copied when the section begins. Null times: not set.</summary>
internal sealed record ProxySettings
{
    public ProxyMode Mode { get; set; } = ProxyMode.Tcp;
    public bool Disabled { get; set; }
    public int MaxConn { get; set; }
    public int Backlog { get; set; }
    public int FullConn { get; set; }
    public BalanceKind Balance { get; set; } = BalanceKind.RoundRobin;
    public int Retries { get; set; } = 3;
    public int RedispatchInterval { get; set; }
    public bool AllBackups { get; set; }
    public bool Persist { get; set; }
    public bool AbortOnClose { get; set; }
    public CheckModel Check { get; set; } = new TcpConnectCheckModel();
    public bool LogHealthChecks { get; set; }

    public TimeSpan? ClientTimeout { get; set; }
    public TimeSpan? ClientFinTimeout { get; set; }
    public TimeSpan? ConnectTimeout { get; set; }
    public TimeSpan? ServerTimeout { get; set; }
    public TimeSpan? ServerFinTimeout { get; set; }
    public TimeSpan? TunnelTimeout { get; set; }
    public TimeSpan? QueueTimeout { get; set; }
    public TimeSpan? CheckTimeout { get; set; }
    public TimeSpan? HttpRequestTimeout { get; set; }
    public TimeSpan? HttpKeepAliveTimeout { get; set; }
    public TimeSpan? TarpitTimeout { get; set; }

    public bool TcpLog { get; set; }

    /// <summary>`option httplog` was written last; null: not.</summary>
    public SourcePlace? HttpLog { get; set; }
    public bool DontLogNull { get; set; }
    public bool DontLogNormal { get; set; }
    public bool LogSeparateErrors { get; set; }
    public bool LogAsap { get; set; }
    public bool ClientKeepAlive { get; set; }
    public bool ServerKeepAlive { get; set; }

    /// <summary>`log global` stands among <see cref="LogTargets"/>: the global targets come first.</summary>
    public bool LogGlobal { get; set; }
    public ImmutableArray<LogTargetModel> LogTargets { get; set; } = [];

    public string? DefaultBackend { get; set; }
    public SourcePlace DefaultBackendPlace { get; set; }
    public ServerSettings Server { get; set; } = new();

    /// <summary>Null until a `stats` line is read.</summary>
    public StatsPageModel? Stats { get; set; }

    /// <summary>`stats source` lines aside, source address for connections to servers (`source`).</summary>
    public System.Net.IPEndPoint? Source { get; set; }

    /// <summary>HTTP-only words whose effect HAProxy inherits and warns about again in every TCP proxy.</summary>
    public ImmutableArray<HttpWord> InheritedHttpWords { get; set; } = [];
}
