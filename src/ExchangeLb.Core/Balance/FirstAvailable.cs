using System;
using System.Collections.Immutable;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Balance;

/// <summary>
/// `balance first`: the usable server with the lowest id that has a connection slot free, so that the last servers stay empty and
/// can be switched off. Weights count only as zero or not. Needs `maxconn` on the servers to mean anything.
/// </summary>
public sealed class FirstAvailable : BalanceAlgorithm
{
    /// <summary>Indexes of the servers by rising id.</summary>
    private readonly int[] _order;

    public FirstAvailable(ImmutableArray<ServerModel> servers)
    {
        _order = new int[servers.Length];
        int[] ids = new int[servers.Length];
        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
            ids[i] = servers[i].Id;
        }
        Array.Sort(ids, _order);
    }

    /// <inheritdoc/>
    public override void Reset(ReadOnlySpan<ServerLoad> servers)
    {
    }

    /// <inheritdoc/>
    public override int Choose(ReadOnlySpan<ServerLoad> servers, UInt128 client, int avoid)
    {
        int last = None;
        foreach (int i in _order)
        {
            if (servers[i].Weight == 0 || servers[i].IsFull)
            {
                continue;
            }
            if (i != avoid)
            {
                return i;
            }
            last = i;
        }
        return last;
    }
}
