using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Linux.Tests.Sockets;

/// <summary>The other side hears the same as when nobody else has the socket open, and close(2) does it all.</summary>
public sealed class SharedSocketTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_end_of_the_stream_is_heard_and_what_comes_later_is_reset(bool isShared)
    {
        (int ours, int theirs, int duplicate) = Pair(isShared);

        End(ours, isShared);

        TcpSocketTests.WaitFor(theirs, EpollBits.EPOLLRDHUP);
        Assert.Equal(0, TcpSocket.Receive(theirs, new byte[1]).Value);
        Assert.Equal(1, TcpSocket.Send(theirs, [1], more: false).Value);
        TcpSocketTests.WaitFor(theirs, EpollBits.EPOLLERR);
        Close(theirs, duplicate);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void With_unread_bytes_it_is_a_reset(bool isShared, bool theyHaveEnded)
    {
        (int ours, int theirs, int duplicate) = Pair(isShared);
        TcpSocket.Send(theirs, [1, 2, 3], more: false);
        TcpSocketTests.WaitFor(ours, EpollBits.EPOLLIN);
        if (theyHaveEnded)
        {
            TcpSocket.ShutdownWrite(theirs);
            TcpSocketTests.WaitFor(ours, EpollBits.EPOLLRDHUP);
        }

        End(ours, isShared);

        TcpSocketTests.WaitFor(theirs, EpollBits.EPOLLERR);
        Assert.Equal(Errno.ECONNRESET, TcpSocket.TakeError(theirs));
        Close(theirs, duplicate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_is_to_be_reset_is(bool isShared)
    {
        (int ours, int theirs, int duplicate) = Pair(isShared);
        Assert.True(TcpSocket.ResetOnClose(ours).Ok);

        End(ours, isShared);

        TcpSocketTests.WaitFor(theirs, EpollBits.EPOLLERR);
        Assert.Equal(Errno.ECONNRESET, TcpSocket.TakeError(theirs));
        Close(theirs, duplicate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_both_ends_were_read_it_ends_without_a_reset(bool isShared)
    {
        (int ours, int theirs, int duplicate) = Pair(isShared);
        TcpSocket.ShutdownWrite(theirs);
        TcpSocketTests.WaitFor(ours, EpollBits.EPOLLRDHUP);
        Assert.Equal(0, TcpSocket.Receive(ours, new byte[1]).Value);

        End(ours, isShared);

        TcpSocketTests.WaitFor(theirs, EpollBits.EPOLLRDHUP);
        Assert.Equal(0, TcpSocket.Receive(theirs, new byte[1]).Value);
        Assert.Equal(Errno.None, TcpSocket.TakeError(theirs));
        Close(theirs, duplicate);
    }

    private static (int Ours, int Theirs, int Duplicate) Pair(bool isShared)
    {
        (int ours, int theirs) = TcpSocketTests.Pair(out _);
        return (ours, theirs, isShared ? Descriptor.Duplicate(ours).Count : -1);
    }

    private static void End(int ours, bool isShared)
    {
        if (isShared)
        {
            SharedSocket.Close(ours);
        }
        else
        {
            Descriptor.Close(ours);
        }
    }

    private static void Close(int theirs, int duplicate)
    {
        Descriptor.Close(theirs);
        if (duplicate >= 0)
        {
            Descriptor.Close(duplicate);
        }
    }
}
