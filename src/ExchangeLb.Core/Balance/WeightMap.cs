using System;

namespace ExchangeLb.Core.Balance;

/// <summary>
/// A table in which each usable server stands as often as its weight says, in HAProxy's order (`hash-type map-based`,
/// configuration.txt, 4.2), so that the same hash leads to the same server there and here.
/// </summary>
public sealed class WeightMap
{
    private int[] _servers = [];

    /// <summary>Number of places: the sum of the weights after their common divisor is taken out; 0 when no server is usable.</summary>
    public int Length { get; private set; }

    /// <summary>The server's index at <paramref name="place"/>, 0..<see cref="Length"/>-1.</summary>
    public int this[int place] => _servers[place];

    /// <summary>
    /// Fills the places one after the other: all usable servers gain their weight, and the place goes to the first that has
    /// reached the most whole shares (of the sum of all weights), which it then pays back.
    /// </summary>
    public void Fill(ReadOnlySpan<ServerLoad> servers)
    {
        int divisor = CommonDivisor(servers);
        int total = 0;
        foreach (ref readonly ServerLoad server in servers)
        {
            total += divisor == 0 ? 0 : server.Weight / divisor;
        }
        if (_servers.Length < total)
        {
            _servers = new int[total];
        }
        Length = total;
        int[] score = new int[servers.Length];
        for (int place = 0; place < total; place++)
        {
            _servers[place] = NextServer(servers, score, divisor, total);
        }
    }

    private static int NextServer(ReadOnlySpan<ServerLoad> servers, int[] score, int divisor, int total)
    {
        int best = BalanceAlgorithm.None;
        int bestShares = 0;
        for (int i = 0; i < servers.Length; i++)
        {
            if (servers[i].Weight == 0)
            {
                continue;
            }
            score[i] += servers[i].Weight / divisor;
            int shares = (score[i] + total) / total;
            if (best == BalanceAlgorithm.None || shares > bestShares)
            {
                best = i;
                bestShares = shares;
            }
        }
        score[best] -= total;
        return best;
    }

    private static int CommonDivisor(ReadOnlySpan<ServerLoad> servers)
    {
        int divisor = 0;
        foreach (ref readonly ServerLoad server in servers)
        {
            int other = server.Weight;
            while (other != 0)
            {
                (divisor, other) = (other, divisor % other);
            }
        }
        return divisor;
    }
}
