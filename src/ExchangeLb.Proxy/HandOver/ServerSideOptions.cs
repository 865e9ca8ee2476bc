using System.Collections.Generic;
using System.Net;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>A virtual address, which goes from node to node with everything that is bound to it.</summary>
/// <param name="PrefixLength">Of its network, 1..32 or 1..128.</param>
public readonly record struct MovingAddress(IPAddress Address, int PrefixLength);

/// <summary>Local ports of connections to servers that this node may use: nodes have disjoint ones, so that none takes a port that a server still knows from another.</summary>
/// <param name="First">1024..65535.</param>
/// <param name="Last">From <paramref name="First"/> up to 65535.</param>
public readonly record struct PortRange(int First, int Last)
{
    private const int Lowest = 10_240;
    private const int Highest = 65_535;

    /// <summary>The part of one of several nodes, of all ports above those that services commonly listen on.</summary>
    /// <param name="place">0 and up.</param>
    public static PortRange Of(int place, int nodes)
    {
        int each = (Highest - Lowest + 1) / nodes;
        int first = Lowest + (place * each);
        return new PortRange(first, first + each - 1);
    }

    public int Count => Last - First + 1;
}

/// <param name="Moving">Addresses that the servers' side of their sessions is bound to; empty: the kernel chooses, and no session can move.</param>
/// <param name="Ports">Of this node.</param>
public sealed record ServerSideOptions(IReadOnlyList<MovingAddress> Moving, PortRange Ports)
{
    public static ServerSideOptions None { get; } = new([], PortRange.Of(0, 1));

    /// <summary>What is in their sockets goes along, and is bounded for that: <see cref="BufferBounds"/>.</summary>
    public bool SessionsMove => Moving.Count > 0;
}
