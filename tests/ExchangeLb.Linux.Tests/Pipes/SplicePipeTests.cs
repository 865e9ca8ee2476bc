using System;
using System.Security.Cryptography;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Pipes;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Linux.Tests.Sockets;
using Xunit;

namespace ExchangeLb.Linux.Tests.Pipes;

public sealed class SplicePipeTests
{
    [Fact]
    public void Bytes_go_from_socket_to_socket_unchanged()
    {
        (int sender, int source) = TcpSocketTests.Pair(out _);
        (int sink, int receiver) = TcpSocketTests.Pair(out _);
        SplicePipe pipe = SplicePipe.TryCreate(64 * 1024)!;
        Assert.True(pipe.Capacity >= 4096);
        byte[] bytes = RandomNumberGenerator.GetBytes(20_000);
        Assert.Equal(bytes.Length, TcpSocket.Send(sender, bytes, more: false).Value);

        var arrived = new byte[bytes.Length];
        int got = 0;
        while (got < bytes.Length)
        {
            TcpSocketTests.WaitFor(source, EpollBits.EPOLLIN);
            long filled = pipe.Fill(source).Value;
            Assert.Equal(filled, pipe.Held);
            while (pipe.Held > 0)
            {
                TcpSocketTests.WaitFor(sink, EpollBits.EPOLLOUT);
                Assert.True(pipe.Drain(sink, more: false).Value > 0);
            }
            TcpSocketTests.WaitFor(receiver, EpollBits.EPOLLIN);
            got += TcpSocket.Receive(receiver, arrived.AsSpan(got)).Count;
        }

        Assert.Equal(bytes, arrived);
        pipe.Close();
        CloseAll(sender, source, sink, receiver);
    }

    [Fact]
    public void Nothing_to_read_and_the_end_are_told_apart()
    {
        (int sender, int source) = TcpSocketTests.Pair(out _);
        SplicePipe pipe = SplicePipe.TryCreate(64 * 1024)!;
        Assert.True(pipe.Fill(source).WouldBlock);
        TcpSocket.ShutdownWrite(sender);
        TcpSocketTests.WaitFor(source, EpollBits.EPOLLRDHUP);
        Assert.Equal(0, pipe.Fill(source).Value);
        Assert.Equal(0, pipe.Held);
        pipe.Close();
        CloseAll(sender, source);
    }

    [Fact]
    public void A_sink_that_is_full_keeps_the_bytes_in_the_pipe()
    {
        (int sender, int source) = TcpSocketTests.Pair(out _);
        (int sink, int receiver) = TcpSocketTests.Pair(out _);
        var junk = new byte[256 * 1024];
        SplicePipe pipe = SplicePipe.TryCreate(64 * 1024)!;
        SysResult drained;
        int held;
        do
        {
            while (!TcpSocket.Send(sink, junk, more: false).WouldBlock)
            {
                // until its buffers are full
            }
            if (pipe.Held == 0)
            {
                TcpSocket.Send(sender, junk.AsSpan(0, 1000), more: false);
                TcpSocketTests.WaitFor(source, EpollBits.EPOLLIN);
                Assert.Equal(1000, pipe.Fill(source).Value);
            }
            held = pipe.Held;
            drained = pipe.Drain(sink, more: false);
        }
        while (drained.Value > 0);      // what the sink has refused just now, the kernel may take to the other side in the next moment: then it has room again

        Assert.True(drained.WouldBlock);
        Assert.InRange(held, 1, 1000);
        Assert.Equal(held, pipe.Held);
        pipe.Close();
        CloseAll(sender, source, sink, receiver);
    }

    private static void CloseAll(params int[] descriptors) => Array.ForEach(descriptors, fd => Descriptor.Close(fd));
}
