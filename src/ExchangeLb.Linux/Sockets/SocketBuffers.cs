using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Sockets;

/// <summary>Bounds of what piles up in a TCP socket, in bytes; 0: the kernel decides (tcp(7), socket(7)).</summary>
/// <param name="Receive">SO_RCVBUF. Set before connect(2) or listen(2) it is also what the window scale goes by.</param>
/// <param name="Send">SO_SNDBUF.</param>
/// <param name="NotSent">TCP_NOTSENT_LOWAT: where so much is unsent the socket takes nothing, and below half of it is ready again (Linux 4.20).</param>
public readonly record struct SocketBuffers(int Receive, int Send, int NotSent)
{
    /// <summary>SO_BUF_LOCK's bits: the size is not the kernel's to change.</summary>
    private const int SOCK_SNDBUF_LOCK = 1;
    private const int SOCK_RCVBUF_LOCK = 2;

    /// <summary>
    /// Sets what is bounded, and nothing else: no call where nothing is. Accepted sockets inherit it. A socket that holds more loses nothing: what is acknowledged
    /// stays, and the other side repeats what finds no room.
    /// </summary>
    public void Apply(int fd)
    {
        if (Receive > 0) { SetSize(fd, SocketOption.ReceiveBufferForced, SocketOption.ReceiveBuffer, Receive); }
        if (Send > 0) { SetSize(fd, SocketOption.SendBufferForced, SocketOption.SendBuffer, Send); }
        if (NotSent > 0) { TcpSocket.Set(fd, SocketOption.NotSentLowat, NotSent); }
    }

    /// <summary>For a socket of our own that listened with other bounds: those that are gone are lifted, too (before Linux 5.14 the sizes stay).</summary>
    public void Renew(int fd)
    {
        Apply(fd);
        if (NotSent == 0 && TcpSocket.Get(fd, SocketOption.NotSentLowat).Value > 0) { TcpSocket.Set(fd, SocketOption.NotSentLowat, 0); }
        SysResult locked = TcpSocket.Get(fd, SocketOption.BufferLock);
        int wanted = (Send > 0 ? SOCK_SNDBUF_LOCK : 0) | (Receive > 0 ? SOCK_RCVBUF_LOCK : 0);
        int lifted = locked.Ok ? locked.Count & ~wanted : 0;
        if (lifted == 0)
        {
            return;
        }
        // The kernel goes on from the size that it finds: it is to be that of a new socket.
        SysResult fresh = TcpSocket.Create(SockAddress.AF_INET);
        if (fresh.Ok)
        {
            if ((lifted & SOCK_SNDBUF_LOCK) != 0) { CopySize(fresh.Count, fd, SocketOption.SendBufferForced, SocketOption.SendBuffer); }
            if ((lifted & SOCK_RCVBUF_LOCK) != 0) { CopySize(fresh.Count, fd, SocketOption.ReceiveBufferForced, SocketOption.ReceiveBuffer); }
            Descriptor.Close(fresh.Count);
        }
        TcpSocket.Set(fd, SocketOption.BufferLock, locked.Count & ~lifted);
    }

    /// <summary>The kernel doubles what is set, and gives the double.</summary>
    private static void CopySize(int from, int to, SocketOption forced, SocketOption plain) =>
        SetSize(to, forced, plain, TcpSocket.Get(from, plain).Count / 2);

    /// <summary>Without CAP_NET_ADMIN net.core.rmem_max or wmem_max is the most.</summary>
    private static void SetSize(int fd, SocketOption forced, SocketOption plain, int bytes)
    {
        if (TcpSocket.Set(fd, forced, bytes).Failed) { TcpSocket.Set(fd, plain, bytes); }
    }
}
