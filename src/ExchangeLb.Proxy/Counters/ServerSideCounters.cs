namespace ExchangeLb.Proxy.Counters;

/// <summary>One loop's counters of a backend or a server. Written by that loop alone; others read them, a little late.</summary>
internal sealed class ServerSideCounters
{
    public long Sessions;
    public long BytesIn;
    public long BytesOut;
    public long Selected;
    public long ConnectAttempts;
    public long ConnectErrors;
    public long ResponseErrors;
    public long Retries;
    public long Redispatches;
    public long ClientAborts;
    public long ServerAborts;

    /// <summary>When a session last began, loop clock in ms; 0: never.</summary>
    public long LastSessionMs;
    public TimeMeans Means;
}
