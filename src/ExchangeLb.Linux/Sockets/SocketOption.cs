namespace ExchangeLb.Linux.Sockets;

/// <summary>Level and name of the socket options that the program sets or reads (socket(7), tcp(7), ip(7), ipv6(7)).</summary>
public readonly record struct SocketOption(int Level, int Name)
{
    private const int SOL_SOCKET = 1;
    private const int IPPROTO_IP = 0;
    private const int IPPROTO_TCP = 6;
    private const int IPPROTO_IPV6 = 41;

    public static SocketOption ReuseAddress => new(SOL_SOCKET, 2);
    public static SocketOption Error => new(SOL_SOCKET, 4);
    public static SocketOption SendBuffer => new(SOL_SOCKET, 7);
    public static SocketOption ReceiveBuffer => new(SOL_SOCKET, 8);
    public static SocketOption KeepAlive => new(SOL_SOCKET, 9);

    /// <summary>Urgent data is a part of the stream (RFC 6093, 3.2).</summary>
    public static SocketOption OutOfBandInline => new(SOL_SOCKET, 10);

    /// <summary>struct linger: on, seconds. On with 0 seconds: close resets.</summary>
    public static SocketOption Linger => new(SOL_SOCKET, 13);
    public static SocketOption ReusePort => new(SOL_SOCKET, 15);
    public static SocketOption BindToDevice => new(SOL_SOCKET, 25);

    /// <summary>As <see cref="SendBuffer"/>, beyond net.core.wmem_max: CAP_NET_ADMIN.</summary>
    public static SocketOption SendBufferForced => new(SOL_SOCKET, 32);

    /// <summary>As <see cref="ReceiveBuffer"/>, beyond net.core.rmem_max: CAP_NET_ADMIN.</summary>
    public static SocketOption ReceiveBufferForced => new(SOL_SOCKET, 33);

    /// <summary>SO_BUF_LOCK (Linux 5.14): 0 lets the kernel size the buffers again.</summary>
    public static SocketOption BufferLock => new(SOL_SOCKET, 72);

    /// <summary>1 for a socket that listens.</summary>
    public static SocketOption AcceptConnections => new(SOL_SOCKET, 30);

    /// <summary>SO_MARK, of each packet that the socket sends: CAP_NET_ADMIN. Sockets that are accepted have their listener's.</summary>
    public static SocketOption Mark => new(SOL_SOCKET, 36);
    public static SocketOption NoDelay => new(IPPROTO_TCP, 1);

    /// <summary>0: an acknowledgement may wait for data to ride on.</summary>
    public static SocketOption QuickAck => new(IPPROTO_TCP, 12);
    public static SocketOption NotSentLowat => new(IPPROTO_TCP, 25);
    public static SocketOption FreeBind => new(IPPROTO_IP, 15);
    public static SocketOption Transparent => new(IPPROTO_IP, 19);

    /// <summary>The source port is chosen at connect, so that one port serves several destinations.</summary>
    public static SocketOption BindAddressNoPort => new(IPPROTO_IP, 24);
    public static SocketOption V6Only => new(IPPROTO_IPV6, 26);
    public static SocketOption V6Transparent => new(IPPROTO_IPV6, 75);
    public static SocketOption V6FreeBind => new(IPPROTO_IPV6, 78);
}
