using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Linux.Tests.Sockets;

public sealed class SocketBuffersTests
{
    private const int SendLocked = 1, ReceiveLocked = 2;      // SO_BUF_LOCK

    [Fact]
    public void What_is_bounded_is_set_and_the_rest_stays_the_kernels()
    {
        int socket = TcpSocket.Create(SockAddress.AF_INET).Count;
        int send = TcpSocket.Get(socket, SocketOption.SendBuffer).Count;

        new SocketBuffers(Receive: 50_000, Send: 0, NotSent: 30_000).Apply(socket);

        Assert.Equal(100_000, TcpSocket.Get(socket, SocketOption.ReceiveBuffer).Value);
        Assert.Equal(30_000, TcpSocket.Get(socket, SocketOption.NotSentLowat).Value);
        Assert.Equal(send, TcpSocket.Get(socket, SocketOption.SendBuffer).Value);
        Assert.Equal(ReceiveLocked, TcpSocket.Get(socket, SocketOption.BufferLock).Value);
        Descriptor.Close(socket);
    }

    [Fact]
    public void Without_bounds_a_new_socket_is_as_the_kernel_made_it()
    {
        int socket = TcpSocket.Create(SockAddress.AF_INET6).Count;

        default(SocketBuffers).Apply(socket);

        Assert.Equal(0, TcpSocket.Get(socket, SocketOption.BufferLock).Value);
        Assert.Equal(0, TcpSocket.Get(socket, SocketOption.NotSentLowat).Value);
        Descriptor.Close(socket);
    }

    [Fact]
    public void Bounds_that_are_gone_are_lifted()
    {
        int socket = TcpSocket.Create(SockAddress.AF_INET).Count;
        int receive = TcpSocket.Get(socket, SocketOption.ReceiveBuffer).Count;
        int send = TcpSocket.Get(socket, SocketOption.SendBuffer).Count;
        new SocketBuffers(50_000, 60_000, 30_000).Apply(socket);

        new SocketBuffers(0, 70_000, 0).Renew(socket);
        Assert.Equal((receive, 140_000), (TcpSocket.Get(socket, SocketOption.ReceiveBuffer).Count, TcpSocket.Get(socket, SocketOption.SendBuffer).Count));
        Assert.Equal(SendLocked, TcpSocket.Get(socket, SocketOption.BufferLock).Value);
        Assert.Equal(0, TcpSocket.Get(socket, SocketOption.NotSentLowat).Value);

        default(SocketBuffers).Renew(socket);
        Assert.Equal(send, TcpSocket.Get(socket, SocketOption.SendBuffer).Value);
        Assert.Equal(0, TcpSocket.Get(socket, SocketOption.BufferLock).Value);
        Descriptor.Close(socket);
    }
}
