using System;

namespace ExchangeLb.Core.Balance;

/// <summary>
/// `balance source` with HAProxy's default `hash-type map-based`: a client goes to the same server as long as the set of usable
/// servers and their weights stay, and to the one that HAProxy 2.6 chooses for it. Also a full server is chosen: the session
/// then waits in the queue of that very server, as in HAProxy.
/// </summary>
/// <remarks>
/// HAProxy hashes an IPv4 client of a `v4v6` bind as the mapped IPv6 address; here it is the same client on any bind.
/// A redispatch goes on to the next other server of the map; HAProxy comes back to the same one.
/// </remarks>
public sealed class SourceHash : BalanceAlgorithm
{
    private readonly WeightMap _map = new();

    /// <inheritdoc/>
    public override void Reset(ReadOnlySpan<ServerLoad> servers) => _map.Fill(servers);

    /// <inheritdoc/>
    public override int Choose(ReadOnlySpan<ServerLoad> servers, UInt128 client, int avoid)
    {
        if (_map.Length == 0)
        {
            return None;
        }
        int start = (int)(Hash(client) % (uint)_map.Length);
        int place = start;
        while (_map[place] == avoid)
        {
            place = place + 1 == _map.Length ? 0 : place + 1;
            if (place == start)
            {
                break;
            }
        }
        return _map[place];
    }

    /// <summary>The exclusive or of the address' 32-bit words in network order; an IPv4 address is its own hash.</summary>
    /// <param name="client">IPv6, or IPv4 as ::ffff:a.b.c.d.</param>
    private static uint Hash(UInt128 client)
    {
        ulong high = (ulong)(client >> 64);
        ulong low = (ulong)client;
        if (high == 0 && low >> 32 == 0xFFFF)
        {
            return (uint)low;
        }
        ulong folded = high ^ low;
        return (uint)(folded >> 32) ^ (uint)folded;
    }
}
