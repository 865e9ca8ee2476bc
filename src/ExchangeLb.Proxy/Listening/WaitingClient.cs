using System;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Listening;

/// <summary>
/// A client whose connection was accepted, and who is not let in yet: another loop had just taken the last place below a `maxconn`, or the address moves
/// between nodes, which the kernel's queue can't. He keeps his place in the listener's line, costs one descriptor, and is neither read nor timed out, as in
/// that queue. His session begins when he is let in.
/// </summary>
internal sealed class WaitingClient(int fd, in SockAddress address)
{
    /// <summary>What he sent while another node had him; flows of a session begin with it.</summary>
    private Flow _upload;

    private UInt128? _local;

    public int Fd { get; } = fd;

    public SockAddress Address { get; } = address;

    public ref Flow Upload => ref _upload;

    /// <summary>The address of ours that he came to, 0 if he has gone.</summary>
    public UInt128 Local => _local ??= TcpSocket.LocalAddress(Fd, out SockAddress local).Ok ? local.Mapped : 0;

    /// <summary>His connection is in repair: he is about to move, or to go on waiting here.</summary>
    public bool Frozen { get; set; }

    /// <summary>He could not be described for this move.</summary>
    public FreezeOrder? LeftBy { get; set; }
}
