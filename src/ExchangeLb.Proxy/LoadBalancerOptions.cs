using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Core.Text;
using ExchangeLb.Proxy.HandOver;

namespace ExchangeLb.Proxy;

/// <summary>What the composition tells the load balancer besides the configuration.</summary>
public sealed record LoadBalancerOptions
{
    /// <summary>Shown by `show info` and on the stats page.</summary>
    public string Version { get; init; } = "";

    /// <summary>
    /// Told what the state log says of servers and proxies, for the standard error of a process in the foreground, where HAProxy says
    /// it too: without a `log` line it would be said nowhere. Called on the control thread; null: nobody listens.
    /// </summary>
    public Action<Diagnostic>? Report { get; init; }

    /// <summary>Loop threads, 1..64; 0: <see cref="DefaultThreads"/>.</summary>
    public int ThreadCount { get; init; }

    /// <summary>One a usable core, as HAProxy: up to the 64 that there can be (MAX_THREADS of 2.6; sessions are numbered by 6 bits of loop).</summary>
    public static int DefaultThreads { get; } = Math.Min(Environment.ProcessorCount, 64);

    /// <summary>
    /// Addresses that come and go with their ownership (the cluster's virtual ones): a `bind` on one of them listens before the host
    /// has it (IP_FREEBIND, ip(7)). A bind on all addresses serves them anyway.
    /// </summary>
    public IReadOnlySet<IPAddress> FreeBind { get; init; } = FrozenSet<IPAddress>.Empty;

    /// <summary>From where servers are connected to in the sessions of virtual addresses.</summary>
    public ServerSideOptions ServerSide { get; init; } = ServerSideOptions.None;
}
