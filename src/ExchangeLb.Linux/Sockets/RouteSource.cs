using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Sockets;

/// <summary>Which address of this host the kernel would choose for packets to another one.</summary>
public static class RouteSource
{
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int AnyPort = 9;

    /// <summary>Connects a datagram socket, which sends nothing (udp(7)), and asks it. ENETUNREACH: there is no route.</summary>
    public static SysResult Find(in SockAddress remote, out SockAddress source)
    {
        source = default;
        SysResult made = SysResult.Of(Libc.socket(remote.Family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (made.Failed)
        {
            return made;
        }
        SysResult result = TcpSocket.Connect(made.Count, remote.WithPort(AnyPort));
        if (result.Ok)
        {
            result = TcpSocket.LocalAddress(made.Count, out source);
        }
        Descriptor.Close(made.Count);
        return result;
    }
}
