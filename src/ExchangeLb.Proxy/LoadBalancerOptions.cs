namespace ExchangeLb.Proxy;

/// <summary>What the composition tells the load balancer besides the configuration.</summary>
public sealed record LoadBalancerOptions
{
    /// <summary>Shown by `show info` and on the stats page.</summary>
    public string Version { get; init; } = "";

    /// <summary>Loop threads, 1..64; 0: one a usable core.</summary>
    public int ThreadCount { get; init; }
}
