using System;
using System.IO;
using System.Net.Sockets;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Datagrams;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Linux.Tests.Sockets;
using Xunit;

namespace ExchangeLb.Linux.Tests.Datagrams;

public sealed class DescriptorMessageTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"descriptors-{Guid.NewGuid():N}.sock");
    private readonly Socket _from = Line();
    private readonly Socket _to;

    public DescriptorMessageTests()
    {
        using Socket listener = Line();
        listener.Bind(new UnixDomainSocketEndPoint(_path));
        listener.Listen();
        _from.Connect(new UnixDomainSocketEndPoint(_path));
        _to = listener.Accept();
    }

    [Fact]
    public void A_socket_that_was_passed_lives_on_when_its_first_owner_has_closed_it()
    {
        (int client, int server) = TcpSocketTests.Pair(out _);

        Assert.Equal(2, DescriptorMessage.Send((int)_from.Handle, [1, 2], client, server).Value);
        Descriptor.Close(client);
        Descriptor.Close(server);

        byte[] buffer = new byte[10];
        Assert.Equal(2, DescriptorMessage.Receive((int)_to.Handle, buffer, out int first, out int second).Value);
        Assert.Equal([1, 2], buffer[..2]);
        Assert.Equal(1, TcpSocket.Send(first, [9], more: false).Value);
        TcpSocketTests.WaitFor(second, Linux.Polling.EpollBits.EPOLLIN);
        Assert.Equal(1, TcpSocket.Receive(second, buffer).Value);
        Descriptor.Close(first);
        Descriptor.Close(second);
    }

    [Fact]
    public void Messages_keep_their_bounds_and_their_order_and_the_end_is_seen()
    {
        DescriptorMessage.Send((int)_from.Handle, [1]);
        DescriptorMessage.Send((int)_from.Handle, [2, 3]);
        _from.Dispose();
        byte[] buffer = new byte[10];

        Assert.Equal(1, DescriptorMessage.Receive((int)_to.Handle, buffer, out int first, out _).Value);
        Assert.Equal(-1, first);
        Assert.Equal(2, DescriptorMessage.Receive((int)_to.Handle, buffer, out _, out _).Value);
        Assert.Equal(0, DescriptorMessage.Receive((int)_to.Handle, buffer, out _, out _).Value);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_its_descriptors_are_closed()
    {
        (int client, int server) = TcpSocketTests.Pair(out _);
        DescriptorMessage.Send((int)_from.Handle, [1, 2, 3], client, server);
        Descriptor.Close(client);

        Assert.Equal(Errno.EMSGSIZE, DescriptorMessage.Receive((int)_to.Handle, new byte[1], out int first, out int second).Error);

        Assert.Equal((-1, -1), (first, second));
        TcpSocketTests.WaitFor(server, Linux.Polling.EpollBits.EPOLLRDHUP);
        Descriptor.Close(server);
    }

    [Fact]
    public void A_line_that_is_full_says_so_and_does_not_wait()
    {
        SysResult sent;
        do
        {
            sent = DescriptorMessage.Send((int)_from.Handle, [1]);
        }
        while (sent.Ok);

        Assert.Equal(Errno.EAGAIN, sent.Error);
        Assert.Equal(1, DescriptorMessage.Receive((int)_to.Handle, new byte[1], out _, out _).Value);
    }

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
        File.Delete(_path);
    }

    private static Socket Line() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
}
