using System;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.HandOver;

/// <summary>Sockets that were restored are bounded as those that were made at the same node.</summary>
public sealed class BufferBoundTests : IClassFixture<MovingSite>
{
    private const int Megabytes = 12 * 1024 * 1024;
    private const int ReceiveLocked = 2;      // SO_BUF_LOCK
    private const string Lifted = """
        global
            tune.rcvbuf.server 0
            tune.notsent-lowat.client 0
            tune.notsent-lowat.server 0

        """;

    private readonly MovingSite _site;

    public BufferBoundTests(MovingSite site)
    {
        _site = site;
        Eventually.Holds(Eventually.Seconds(30), () => _site.Owner.Sessions == 0 && _site.Other.Sessions == 0, () => $"{_site.Owner.Sessions}/{_site.Other.Sessions} sessions of another test are left");
    }

    [LabTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_that_moved_keeps_within_the_bounds(bool toldAhead)
    {
        using MovedSession session = _site.Connect();
        session.AssertCarries(1);
        AssertBounded(session);

        if (toldAhead) { _site.Tell(least: 1); }
        Assert.Equal((1, toldAhead ? 1 : 0), (_site.Move().Shipped, _site.AsTold.Count));
        session.AssertCarries(3);

        AssertBounded(session);
    }

    [LabFact]
    public void What_a_slow_reader_leaves_in_the_freeze_is_little()
    {
        using MovedSession session = _site.Connect();
        byte[] down = Pattern.Bytes(11, Megabytes);
        Thread sends = Sending(session.Server, down);
        byte[] first = MovedSession.Read(session.Client, 100_000);

        for (int move = 0; move < 2; move++)
        {
            Assert.Equal(1, _site.Move().Shipped);
            Assert.InRange(_site.Images.Sum(image => image.Length), 0, 2 * 1024 * 1024);
        }
        byte[] rest = MovedSession.Read(session.Client, down.Length - first.Length);

        Assert.True(sends.Join(30_000));
        Assert.True(down.AsSpan().SequenceEqual((byte[])[.. first, .. rest]), "what the server sent is not what the client read");
    }

    [LabFact]
    public void A_session_that_holds_more_than_the_bounds_loses_nothing_where_there_are_bounds()
    {
        _site.Owner.Reload(Lifted + MovingSite.Configuration(""));
        using MovedSession session = _site.Connect();
        byte[] down = Pattern.Bytes(21, 3 * Megabytes);       // what is left of it may move, wherever it waits
        Thread sends = Sending(session.Server, down);
        byte[] first = MovedSession.Read(session.Client, Megabytes);     // the kernel makes room by what is read
        Eventually.Holds(Eventually.Seconds(20), () => sends.Join(0) || !session.Server.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectWrite), () => "the server is neither done nor held back");

        Assert.Equal(1, _site.Move().Shipped);
        int held = _site.Images.Sum(image => image.Length);
        Assert.True(held > 2 * 1024 * 1024, $"{held} bytes are within the bounds");
        byte[] second = MovedSession.Read(session.Client, 1000);
        AssertBounded(session);
        byte[] rest = MovedSession.Read(session.Client, down.Length - first.Length - second.Length);

        Assert.True(sends.Join(30_000));
        Assert.True(down.AsSpan().SequenceEqual((byte[])[.. first, .. second, .. rest]), "what the server sent is not what the client read");
        _site.Other.Reload(MovingSite.Configuration(""));
    }

    /// <summary>A moment after a socket was let go: what it sends comes before that.</summary>
    private static void AssertBounded(MovedSession session)
    {
        int server = OwnSocket.OtherEndOf(session.Server), client = OwnSocket.OtherEndOf(session.Client);
        var bounded = ((131_072, 131_072), (0, ReceiveLocked), 2 * 262_144);
        ((int, int) NotSent, (int, int) Locked, int Receive) found = default;
        Eventually.Holds(Eventually.Seconds(20), () => (found = Bounds()) == bounded, () => $"{found} in place of {bounded}");

        ((int, int) NotSent, (int, int) Locked, int Receive) Bounds() => (
            (TcpSocket.Get(client, SocketOption.NotSentLowat).Count, TcpSocket.Get(server, SocketOption.NotSentLowat).Count),
            (TcpSocket.Get(client, SocketOption.BufferLock).Count, TcpSocket.Get(server, SocketOption.BufferLock).Count),
            TcpSocket.Get(server, SocketOption.ReceiveBuffer).Count);
    }

    private static Thread Sending(Socket socket, byte[] bytes)
    {
        Thread thread = new(() =>
        {
            try
            {
                socket.Send(bytes);
            }
            catch (SocketException)
            {
                // A test that failed has closed it: what did not arrive is missed there.
            }
        });
        thread.Start();
        return thread;
    }
}
