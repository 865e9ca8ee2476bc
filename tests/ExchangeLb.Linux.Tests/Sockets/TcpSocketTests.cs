using System;
using System.Net;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Linux.Tests.Sockets;

public sealed class TcpSocketTests
{
    [Fact]
    public void Two_ends_exchange_bytes_and_ends()
    {
        (int client, int server) = Pair(out SockAddress seen);
        TcpSocket.LocalAddress(client, out SockAddress local);
        TcpSocket.PeerAddress(server, out SockAddress peer);
        Assert.Equal(local.ToEndPoint(), seen.ToEndPoint());
        Assert.Equal(local.ToEndPoint(), peer.ToEndPoint());

        var buffer = new byte[10];
        Assert.True(TcpSocket.Receive(server, buffer).WouldBlock);
        Assert.Equal(3, TcpSocket.Send(client, [1, 2, 3], more: false).Value);
        WaitFor(server, EpollBits.EPOLLIN);
        Assert.Equal(3, TcpSocket.Receive(server, buffer).Value);
        Assert.Equal([1, 2, 3], buffer[..3]);
        Assert.True(TcpSocket.ShutdownWrite(client).Ok);
        WaitFor(server, EpollBits.EPOLLRDHUP);
        Assert.Equal(0, TcpSocket.Receive(server, buffer).Value);
        Descriptor.Close(client);
        Descriptor.Close(server);
    }

    [Fact]
    public void A_reset_is_told_once_as_the_error_of_the_socket()
    {
        (int client, int server) = Pair(out _);
        TcpSocket.ResetOnClose(client);
        Descriptor.Close(client);
        WaitFor(server, EpollBits.EPOLLERR);
        Assert.Equal(Errno.ECONNRESET, TcpSocket.TakeError(server));
        Assert.Equal(Errno.None, TcpSocket.TakeError(server));
        Assert.Equal(Errno.EPIPE, TcpSocket.Send(server, [1], more: false).Error);
        Descriptor.Close(server);
    }

    [Fact]
    public void A_port_where_nobody_listens_refuses()
    {
        int socket = TcpSocket.Create(SockAddress.AF_INET).Count;
        TcpSocket.Bind(socket, SockAddress.From(new IPEndPoint(IPAddress.Loopback, 0)));
        TcpSocket.LocalAddress(socket, out SockAddress closed);
        int client = TcpSocket.Create(SockAddress.AF_INET).Count;
        SysResult connecting = TcpSocket.Connect(client, closed);
        if (connecting.Error == Errno.EINPROGRESS)
        {
            WaitFor(client, EpollBits.EPOLLERR);
            connecting = SysResult.FromError(TcpSocket.TakeError(client));
        }
        Assert.Equal(Errno.ECONNREFUSED, connecting.Error);
        Assert.Equal("Connection refused", connecting.Describe());
        Descriptor.Close(socket);
        Descriptor.Close(client);
    }

    [Fact]
    public void Options_are_set_and_read()
    {
        int socket = TcpSocket.Create(SockAddress.AF_INET6).Count;
        foreach (SocketOption option in new[] { SocketOption.ReuseAddress, SocketOption.ReusePort, SocketOption.NoDelay, SocketOption.KeepAlive, SocketOption.V6Only })
        {
            Assert.True(TcpSocket.Set(socket, option, 1).Ok);
            Assert.Equal(1, TcpSocket.Get(socket, option).Value);
        }
        Assert.Equal(0, TcpSocket.Get(socket, SocketOption.AcceptConnections).Value);
        Assert.Equal(Errno.ENODEV, TcpSocket.BindToDevice(socket, "no-such-device").Error);
        Descriptor.Close(socket);
    }

    [Fact]
    public void A_closed_descriptor_says_so()
    {
        int socket = TcpSocket.Create(SockAddress.AF_INET).Count;
        Assert.True(Descriptor.IsOpen(socket));
        Assert.True(Descriptor.Close(socket).Ok);
        Assert.Equal(Errno.EBADF, TcpSocket.Listen(-1, 1).Error);
        Assert.False(Descriptor.IsOpen(-1));
    }

    /// <summary>A connection on 127.0.0.1; both ends are non-blocking.</summary>
    internal static (int Client, int Server) Pair(out SockAddress client)
    {
        int listener = TcpSocket.Create(SockAddress.AF_INET).Count;
        Assert.True(TcpSocket.Bind(listener, SockAddress.From(new IPEndPoint(IPAddress.Loopback, 0))).Ok);
        Assert.True(TcpSocket.Listen(listener, 1).Ok);
        TcpSocket.LocalAddress(listener, out SockAddress at);
        int connected = TcpSocket.Create(SockAddress.AF_INET).Count;
        TcpSocket.Connect(connected, at);
        WaitFor(listener, EpollBits.EPOLLIN);
        int accepted = TcpSocket.Accept(listener, out client).Count;
        Assert.True(accepted > 0);
        Descriptor.Close(listener);
        return (connected, accepted);
    }

    internal static void WaitFor(int fd, EpollBits bits)
    {
        using var epoll = new EpollSet();
        Assert.True(epoll.Add(fd, bits, 1).Ok);
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        Assert.Equal(1, epoll.Wait(events, 10_000).Value);
        Assert.NotEqual(EpollBits.None, events[0].Bits & bits);
    }
}
