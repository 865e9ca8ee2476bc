using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Balance;

/// <summary>One server as a balance algorithm sees it. Index = index in the backend's server array.</summary>
public struct ServerLoad
{
    /// <summary>Effective weight; 0: not to be chosen by balancing (down, drained, in maintenance, weight 0, or an idle backup).</summary>
    public int Weight;

    /// <summary>Connections now open or being opened to it, over all loops.</summary>
    public int Served;

    /// <summary>Sessions that wait for this very server.</summary>
    public int Queued;

    /// <summary>Limit of <see cref="Served"/>; 0: none.</summary>
    public int MaxConn;

    /// <summary>No further connection may be opened to it now.</summary>
    public readonly bool IsFull => MaxConn > 0 && (Served >= MaxConn || Queued > 0);
}

/// <summary>
/// Chooses a server for a session that is not stuck to one. Holds its own state (whose turn it is); the backend's selection
/// lock owns it.
/// </summary>
public abstract class BalanceAlgorithm
{
    /// <summary>Index returned when no server can be chosen: none has weight, or all of those are full.</summary>
    public const int None = -1;

    /// <summary>The set of usable servers or their weights have changed.</summary>
    public abstract void Reset(ReadOnlySpan<ServerLoad> servers);

    /// <param name="servers">All servers of the backend.</param>
    /// <param name="client">The client's address (for `balance source`).</param>
    /// <param name="avoid">Index of a server that a redispatch should leave if another can be had; <see cref="None"/>: none.</param>
    public abstract int Choose(ReadOnlySpan<ServerLoad> servers, UInt128 client, int avoid);

    /// <summary>Whether two calls in a row may give two servers, so that a failed connection may be redispatched at once (HAProxy backend.c).</summary>
    public virtual bool IsRoundRobin => false;

    /// <summary>The algorithm that the backend's `balance` line names. <see cref="Reset"/> comes before the first choice.</summary>
    public static BalanceAlgorithm Create(BackendModel backend) => backend.Balance switch
    {
        BalanceKind.RoundRobin => new RoundRobin(),
        BalanceKind.StaticRoundRobin => new StaticRoundRobin(),
        BalanceKind.LeastConn => new LeastConn(),
        BalanceKind.First => new FirstAvailable(backend.Servers),
        BalanceKind.Source => new SourceHash(),
        _ => throw new ArgumentOutOfRangeException(nameof(backend), backend.Balance, "no such balance algorithm"),
    };
}
