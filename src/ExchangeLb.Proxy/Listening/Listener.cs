using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.Listening;

/// <summary>One listening socket of one loop. Every loop has its own on the same address (SO_REUSEPORT), but for inherited ones.</summary>
internal sealed class Listener(FrontendState frontend, BindModel bind, BindState shared, int fd, bool ownsDescriptor)
{
    public FrontendState Frontend { get; } = frontend;
    public BindModel Bind { get; } = bind;

    /// <summary>What the loops' listeners on this address have in common.</summary>
    public BindState Shared { get; } = shared;
    public int Fd { get; } = fd;

    /// <summary>An inherited socket is shared by the loops: only one of them closes it.</summary>
    public bool OwnsDescriptor { get; } = ownsDescriptor;

    /// <summary>Taken out of the epoll set until a limit has room again or descriptors are free.</summary>
    public bool Paused { get; set; }

    /// <summary>Connections taken at most in a turn, 1 and up.</summary>
    public int Burst { get; set; } = 1;

    /// <summary>The loop's turn that last took some.</summary>
    public long LastTurn { get; set; }

    /// <summary>A connection that was accepted when another loop had just taken the last place; -1: none.</summary>
    public int HeldFd { get; set; } = -1;
    public SockAddress HeldAddress { get; set; }
}

/// <summary>One `bind` address: its sessions over all loops, for its own `maxconn`.</summary>
internal sealed class BindState
{
    public SessionGauge Sessions { get; } = new();
}
