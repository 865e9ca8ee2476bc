using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Linux.Sockets;

/// <summary>Sockets of connections that another process may have open, too.</summary>
public static unsafe class SharedSocket
{
    private const int SHUT_RDWR = 2;

    /// <summary>
    /// Closes the descriptor, and the connection sends at once what close(2) would send, had nobody else the socket open (tcp_close of Linux): (1) in
    /// repair nothing; (2) when bytes are unread, or it is to be reset (<see cref="TcpSocket.ResetOnClose"/>), an RST; (3) else FIN, unless it was sent before, and what still comes is
    /// answered by an RST.
    /// </summary>
    public static SysResult Close(int fd)
    {
        if (TcpRepair.IsEntered(fd))
        {
            Disconnect(fd);
        }
        else if (TcpRepair.ReceiveQueueLength(fd).Value > 0 || TcpSocket.Get(fd, SocketOption.Linger).Value == 1)
        {
            Reset(fd);
        }
        else
        {
            _ = Libc.shutdown(fd, SHUT_RDWR);
        }
        return Descriptor.Close(fd);
    }

    /// <summary>Disconnecting resets nothing of which both ends have been sent; there the last close does, which is the other process's.</summary>
    private static void Reset(int fd)
    {
        if (TcpRepair.GetInfo(fd, out TcpFacts facts).Ok && facts.State is not (TcpState.LAST_ACK or TcpState.CLOSING))
        {
            Disconnect(fd);
        }
    }

    /// <summary>connect(2) with AF_UNSPEC: the connection is gone from this host, with an RST unless it is in repair.</summary>
    private static void Disconnect(int fd)
    {
        long unspecified = 0;       // of a struct sockaddr the family, AF_UNSPEC, is all that is read
        _ = Libc.connect(fd, &unspecified, sizeof(long));
    }
}
