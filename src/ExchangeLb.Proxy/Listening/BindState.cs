using System.Threading;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Counters;

namespace ExchangeLb.Proxy.Listening;

/// <summary>One `bind` address: what the loops' listeners on it have in common, from one configuration to the next.</summary>
/// <param name="loops">How many loops listen there.</param>
internal sealed class BindState(int loops)
{
    private int _users = loops;

    /// <summary>What is accepted here bears <see cref="SocketMarks.NotAccepted"/>, and is to lose it at once.</summary>
    public bool IsMarked { get; init; }

    /// <summary>Its sockets are IPv6 ones.</summary>
    public bool IsV6 { get; init; }

    /// <summary>Its sessions over all loops, for its own `maxconn`.</summary>
    public SessionGauge Sessions { get; } = new();

    /// <summary>A loop listens there no more; true for the last one, which closes an inherited socket.</summary>
    public bool LeaveLast() => Interlocked.Decrement(ref _users) == 0;
}
