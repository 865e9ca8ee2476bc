using System;

namespace ExchangeLb.Core.Balance;

/// <summary>
/// `balance static-rr`: walks through a fixed map of the servers. In HAProxy it differs from roundrobin in that weights other
/// than 0 and the configured one cannot be set at run time; that restriction is not needed here, since a new map costs little.
/// </summary>
public sealed class StaticRoundRobin : BalanceAlgorithm
{
    private readonly WeightMap _map = new();
    private int _next;

    public override bool IsRoundRobin => true;

    /// <inheritdoc/>
    public override void Reset(ReadOnlySpan<ServerLoad> servers) => _map.Fill(servers);

    /// <inheritdoc/>
    public override int Choose(ReadOnlySpan<ServerLoad> servers, UInt128 client, int avoid)
    {
        bool avoidedIsFree = false;
        int placeOfAvoided = 0;
        int place = _next;
        for (int tried = 0; tried < _map.Length; tried++, place++)
        {
            if (place >= _map.Length)
            {
                place = 0;
            }
            int server = _map[place];
            if (servers[server].IsFull)
            {
                continue;
            }
            if (server != avoid)
            {
                _next = place + 1;
                return server;
            }
            if (!avoidedIsFree)
            {
                avoidedIsFree = true;
                placeOfAvoided = place;
            }
        }
        if (!avoidedIsFree)
        {
            return None;
        }
        _next = placeOfAvoided + 1;
        return avoid;
    }
}
