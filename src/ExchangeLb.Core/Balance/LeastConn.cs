using System;

namespace ExchangeLb.Core.Balance;

/// <summary>
/// `balance leastconn`: the server with the fewest connections, open and waiting, in proportion to its weight. Of equals the one
/// that has waited longest since it was last chosen, so that idle servers take turns.
/// </summary>
public sealed class LeastConn : BalanceAlgorithm
{
    private const int LargestWeight = 256;

    /// <summary>Number of the choice that last took this server.</summary>
    private long[] _lastChosen = [];
    private long _choices;

    /// <inheritdoc/>
    public override void Reset(ReadOnlySpan<ServerLoad> servers)
    {
        if (_lastChosen.Length != servers.Length)
        {
            _lastChosen = new long[servers.Length];
        }
    }

    /// <inheritdoc/>
    public override int Choose(ReadOnlySpan<ServerLoad> servers, UInt128 client, int avoid)
    {
        int best = None;
        long bestLoad = 0;
        for (int i = 0; i < servers.Length; i++)
        {
            if (servers[i].Weight == 0 || servers[i].IsFull || i == avoid)
            {
                continue;
            }
            long load = Load(servers[i]);
            if (best == None || load < bestLoad || (load == bestLoad && _lastChosen[i] < _lastChosen[best]))
            {
                best = i;
                bestLoad = load;
            }
        }
        if (best == None && avoid != None && servers[avoid].Weight > 0 && !servers[avoid].IsFull)
        {
            best = avoid;
        }
        if (best != None)
        {
            _lastChosen[best] = ++_choices;
        }
        return best;
    }

    /// <summary>What the load would be with one connection more, in 1/256 of the largest weight. Idle servers are equal whatever their weights are.</summary>
    private static long Load(in ServerLoad server)
    {
        long open = (long)server.Served + server.Queued;
        return open == 0 ? 0 : (open + 1) * LargestWeight / server.Weight;
    }
}
