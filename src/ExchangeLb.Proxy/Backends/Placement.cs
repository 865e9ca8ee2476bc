namespace ExchangeLb.Proxy.Backends;

/// <summary>What became of a session's wish for a server.</summary>
internal enum PlacementKind
{
    /// <summary>It has a place at <see cref="Placement.Server"/>, to be given back.</summary>
    Granted,

    /// <summary>It stands in line with <see cref="Placement.Waiter"/>.</summary>
    Queued,

    /// <summary>No server is usable.</summary>
    NoServer,
}

internal readonly record struct Placement(PlacementKind Kind, ServerState? Server, Waiter? Waiter, int Ahead);
