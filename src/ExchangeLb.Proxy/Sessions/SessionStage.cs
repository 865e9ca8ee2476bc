namespace ExchangeLb.Proxy.Sessions;

/// <summary>Where a session stands.</summary>
internal enum SessionStage : byte
{
    /// <summary>The slot is free.</summary>
    Free,

    /// <summary>Waits for a place at a server (`maxconn`).</summary>
    Queued,

    /// <summary>The connection to the server is being made.</summary>
    Connecting,

    /// <summary>Waits a moment before the same server is tried again.</summary>
    TurningAround,

    /// <summary>Both sides are connected.</summary>
    Relaying,

    /// <summary>Stands still with both connections in repair, to be moved to another node or to go on.</summary>
    Frozen,
}
