using System;

namespace ExchangeLb.Core.Balance;

/// <summary>
/// `balance roundrobin`: servers take turns in proportion to their weights, as evenly spread as whole turns allow. Every choice
/// gives each candidate its weight as credit; the richest is chosen and pays what all candidates were given. Equal weights
/// alternate strictly in the order of the file; in any cycle of (sum of weights) choices each server is chosen weight times.
/// </summary>
public sealed class RoundRobin : BalanceAlgorithm
{
    private int[] _credit = [];

    public override bool IsRoundRobin => true;

    /// <summary>
    /// Servers that stay keep their place in the cycle, so that flapping servers do not send every new cycle to the first one. Credit
    /// is cut to one weight, which is what a cycle can owe: nobody gets a burst for the time when its weight was larger.
    /// </summary>
    public override void Reset(ReadOnlySpan<ServerLoad> servers)
    {
        if (_credit.Length != servers.Length)
        {
            _credit = new int[servers.Length];
        }
        for (int i = 0; i < servers.Length; i++)
        {
            int weight = servers[i].Weight;
            _credit[i] = Math.Clamp(_credit[i], -weight, weight);
        }
    }

    /// <inheritdoc/>
    public override int Choose(ReadOnlySpan<ServerLoad> servers, UInt128 client, int avoid)
    {
        int best = ChooseAmong(servers, avoid);
        return best == None && avoid != None && IsCandidate(servers[avoid]) ? avoid : best;
    }

    private int ChooseAmong(ReadOnlySpan<ServerLoad> servers, int avoid)
    {
        int[] credit = _credit;
        int best = None;
        int total = 0;
        for (int i = 0; i < servers.Length; i++)
        {
            // A server that is full or avoided gives up this turn without gaining or losing credit.
            if (!IsCandidate(servers[i]) || i == avoid)
            {
                continue;
            }
            total += servers[i].Weight;
            credit[i] += servers[i].Weight;
            if (best == None || credit[i] > credit[best])
            {
                best = i;
            }
        }
        if (best != None)
        {
            credit[best] -= total;
        }
        return best;
    }

    private static bool IsCandidate(in ServerLoad server) => server.Weight > 0 && !server.IsFull;
}
