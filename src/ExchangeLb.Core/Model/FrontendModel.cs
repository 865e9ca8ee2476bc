using System;
using System.Collections.Immutable;
using System.Net;

namespace ExchangeLb.Core.Model;

/// <summary>The client side of a proxy. Times that are null were not set: no limit, as in HAProxy.</summary>
public sealed record FrontendModel(int Id, string Name)
{
    public ImmutableArray<BindModel> Binds { get; init; } = [];

    /// <summary>`maxconn`: concurrent sessions; 0: the process' limit.</summary>
    public int MaxConn { get; init; }

    /// <summary>`backlog`: length of the accept queue; 0: the larger of maxconn and 1,024.</summary>
    public int Backlog { get; init; }

    /// <summary>`timeout client`: longest silence of the client.</summary>
    public TimeSpan? ClientTimeout { get; init; }

    /// <summary>`timeout client-fin`: the same once the connection towards the client is half closed.</summary>
    public TimeSpan? ClientFinTimeout { get; init; }

    /// <summary>`option tcplog`; otherwise a line "Connect from" at accept.</summary>
    public bool TcpLog { get; init; }

    /// <summary>`option dontlognull`: no line for connections on which the client sent nothing.</summary>
    public bool DontLogNull { get; init; }

    /// <summary>`option dontlog-normal`: no line for sessions that ended well.</summary>
    public bool DontLogNormal { get; init; }

    /// <summary>`option log-separate-errors`: sessions that ended badly are logged at level err.</summary>
    public bool LogSeparateErrors { get; init; }

    /// <summary>`option logasap`: the line is sent when the server connection is made, with `+` before the times and bytes.</summary>
    public bool LogAsap { get; init; }

    /// <summary>`option clitcpka` or `option tcpka`.</summary>
    public bool KeepAlive { get; init; }

    /// <summary>Log targets, `log global` already replaced by the global ones.</summary>
    public ImmutableArray<LogTargetModel> LogTargets { get; init; } = [];

    /// <summary>`use_backend` rules in order; the first that holds wins.</summary>
    public ImmutableArray<UseBackendModel> UseBackends { get; init; } = [];

    /// <summary>`default_backend`; for a listen section its own name. Null: a connection that no rule sends on is closed (`SC`, `&lt;NOSRV&gt;`).</summary>
    public string? DefaultBackend { get; init; }

    /// <summary>`disabled`: the section is read but not run.</summary>
    public bool Disabled { get; init; }
}

/// <summary>One `bind` address after port ranges are spread out. Either <see cref="Address"/> or <see cref="Descriptor"/> is set.</summary>
public sealed record BindModel(SourcePlace Place)
{
    public IPEndPoint? Address { get; init; }

    /// <summary>`fd@N`: a listening socket inherited from the parent; -1: none.</summary>
    public int Descriptor { get; init; } = -1;

    /// <summary>HAProxy's listener id (`sid` of the listener row): 1 and up within the proxy.</summary>
    public int Id { get; init; }

    /// <summary>`name`; null: `sock-N` on the page.</summary>
    public string? Name { get; init; }

    /// <summary>`interface`: SO_BINDTODEVICE.</summary>
    public string? Interface { get; init; }

    /// <summary>`maxconn`; 0: the frontend's.</summary>
    public int MaxConn { get; init; }

    /// <summary>`backlog`; 0: the frontend's.</summary>
    public int Backlog { get; init; }

    /// <summary>`v6only`: IPV6_V6ONLY 1. An IPv6 bind is v6 only unless <see cref="DualStack"/>.</summary>
    public bool V6Only { get; init; }

    /// <summary>`v4v6`: IPV6_V6ONLY 0.</summary>
    public bool DualStack { get; init; }

    /// <summary>`transparent`: IP_TRANSPARENT, may bind an address the host does not own.</summary>
    public bool Transparent { get; init; }
}

/// <summary>`use_backend NAME [if|unless CONDITION]`; a null condition always holds.</summary>
public sealed record UseBackendModel(string Backend, ConditionModel? Condition, SourcePlace Place);
