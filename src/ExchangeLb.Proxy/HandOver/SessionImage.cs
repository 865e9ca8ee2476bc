using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>An established session as another node needs it to go on: names instead of objects, ages instead of times.</summary>
internal sealed record SessionImage
{
    public required string Frontend { get; init; }
    public required string Backend { get; init; }
    public required string Server { get; init; }
    public SessionTraits Traits { get; init; }

    /// <summary>Wall clock, for the log line; milliseconds since 1970.</summary>
    public long AcceptedUnixMs { get; init; }
    public long AcceptedAgoMs { get; init; }
    public long ClientIdleMs { get; init; }
    public long ServerIdleMs { get; init; }
    public int QueueMs { get; init; }
    public int ConnectMs { get; init; }
    public int RetriesLeft { get; init; }
    public int Attempts { get; init; }
    public int ServerQueuePosition { get; init; }
    public int BackendQueuePosition { get; init; }
    public required FlowImage Upload { get; init; }
    public required FlowImage Download { get; init; }

    /// <summary>The client's connection. Its queues' bytes are in the flows.</summary>
    public required TcpImage Client { get; init; }

    /// <summary>The server's; null: it is over already, and only its bytes are still owed to the client.</summary>
    public TcpImage? ServerSide { get; init; }
}

/// <summary>Part of the encoding: bits are only added.</summary>
[System.Flags]
internal enum SessionTraits : byte
{
    Stuck = 1,
    Redispatched = 2,
    Logged = 4,
    NoDelaySet = 8,
}
