using System;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using ExchangeLb.Proxy.HandOver;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Streams;

/// <summary>What piles up in the sockets of a session: as much as the kernel lets, or as the configuration or a cluster's hand-over bound it.</summary>
public sealed class SocketBufferTests
{
    private const string Lifted = "tune.rcvbuf.server 0\n    tune.notsent-lowat.client 0\n    tune.notsent-lowat.server 0";
    private const int SendLocked = 1, ReceiveLocked = 2;      // SO_BUF_LOCK

    /// <summary>No session of these tests is at this address, so all else is as ever.</summary>
    private static readonly ServerSideOptions Cluster = new([new MovingAddress(IPAddress.Parse("192.0.2.25"), 24)], PortRange.Of(0, 2));

    [Fact]
    public void A_balancer_that_stands_alone_sets_nothing()
    {
        using var server = new ScriptedServer();
        using Site site = Start(server);

        (Options client, Options atServer) = OptionsOfSession(site, server);

        Assert.Equal((0, 0), (client.Locks, client.NotSent));
        Assert.Equal((0, 0), (atServer.Locks, atServer.NotSent));
    }

    [Fact]
    public void Where_sessions_move_what_a_slow_reader_leaves_is_bounded()
    {
        using var server = new ScriptedServer();
        using Site site = Start(server, cluster: Cluster);

        (Options client, Options atServer) = OptionsOfSession(site, server);

        Assert.Equal((0, 131_072), (client.Locks, client.NotSent));
        Assert.Equal((ReceiveLocked, 131_072, 2 * 262_144), (atServer.Locks, atServer.NotSent, atServer.Receive));
    }

    [Fact]
    public void An_explicit_0_leaves_it_to_the_kernel_where_sessions_move()
    {
        using var server = new ScriptedServer();
        using Site site = Start(server, Lifted, Cluster);

        (Options client, Options atServer) = OptionsOfSession(site, server);

        Assert.Equal((0, 0), (client.Locks, client.NotSent));
        Assert.Equal((0, 0), (atServer.Locks, atServer.NotSent));
    }

    [Fact]
    public void The_global_section_sizes_each_buffer_of_each_side()
    {
        using var server = new ScriptedServer();
        using Site site = Start(server, "tune.rcvbuf.client 20k\n    tune.rcvbuf.server 30k\n    tune.sndbuf.client 40k\n    tune.sndbuf.server 50k\n    tune.notsent-lowat.client 6k\n    tune.notsent-lowat.server 7k");

        (Options client, Options atServer) = OptionsOfSession(site, server);

        const int Both = SendLocked | ReceiveLocked;
        Assert.Equal(new Options(Both, 2 * 20 * 1024, 2 * 40 * 1024, 6 * 1024), client);
        Assert.Equal(new Options(Both, 2 * 30 * 1024, 2 * 50 * 1024, 7 * 1024), atServer);
    }

    [Fact]
    public void A_reload_changes_it_for_those_who_come_from_then_on()
    {
        using var server = new ScriptedServer();
        using Site site = Start(server);
        (Options before, _) = OptionsOfSession(site, server);

        Assert.Empty(site.Reload(Sections(server), "tune.rcvbuf.client 20k\n    tune.sndbuf.client 40k\n    tune.notsent-lowat.client 6k\n    tune.rcvbuf.server 30k"));
        (Options bounded, Options atServer) = OptionsOfSession(site, server);
        Assert.Empty(site.Reload(Sections(server)));
        (Options lifted, Options atServerAgain) = OptionsOfSession(site, server);

        Assert.Equal(new Options(SendLocked | ReceiveLocked, 2 * 20 * 1024, 2 * 40 * 1024, 6 * 1024), bounded);
        Assert.Equal((ReceiveLocked, 2 * 30 * 1024), (atServer.Locks, atServer.Receive));
        Assert.Equal((0, 0, before.Receive), (lifted.Locks, lifted.NotSent, lifted.Receive));
        Assert.Equal(0, atServerAgain.Locks);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_client_that_does_not_read_holds_the_server_soon_and_gets_all_that_it_sent(bool lifted)
    {
        using var server = new ScriptedServer();
        using Site site = Start(server, lifted ? Lifted : "", Cluster);
        using Peer client = site.Connect(receiveBuffer: 32 * 1024);
        using Peer peer = server.Accept();
        peer.Socket.SendBufferSize = 32 * 1024;
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // 1. Twice 256 KiB at the server's side, a pipe of as much, 128 KiB and a segment at the client's; what his own buffers and the server's hold is little.
        const int Bounded = 1536 * 1024;
        long sent = SendUntilHeld(peer, expected, 2 * Bounded);
        Assert.Equal(lifted, sent > Bounded);

        // 2. Nothing of it is lost.
        peer.Finish();
        Assert.Equal(Convert.ToHexString(expected.GetHashAndReset()), Convert.ToHexString(SHA256.HashData(client.ReadToEnd())));
    }

    private static long SendUntilHeld(Peer peer, IncrementalHash hash, long limit)
    {
        byte[] chunk = RandomNumberGenerator.GetBytes(64 * 1024);
        long total = 0;
        while (total < limit && peer.Socket.Poll(500_000, SelectMode.SelectWrite))
        {
            peer.Socket.Blocking = false;
            int sent = peer.Socket.Send(chunk, 0, chunk.Length, SocketFlags.None, out _);
            peer.Socket.Blocking = true;
            hash.AppendData(chunk, 0, Math.Max(0, sent));
            total += Math.Max(0, sent);
        }
        return total;
    }

    private static (Options Client, Options Server) OptionsOfSession(Site site, ScriptedServer server)
    {
        using Peer client = site.Connect();
        using Peer peer = server.Accept();
        return (Options.Of(OwnSockets.Find(site.Front, client.Local)), Options.Of(OwnSockets.Find(peer.Remote, server.EndPoint)));
    }

    private static string Sections(ScriptedServer server) => $"""
        listen web
            bind FRONT
            server s1 {server.EndPoint}
        """;

    private static Site Start(ScriptedServer server, string global = "", ServerSideOptions? cluster = null) =>
        Site.Start(Sections(server), global: global, serverSide: cluster);

    /// <summary>As the kernel has them, with its own doubling.</summary>
    private sealed record Options(int Locks, int Receive, int Send, int NotSent)
    {
        public static Options Of(int fd) => new(
            TcpSocket.Get(fd, SocketOption.BufferLock).Count, TcpSocket.Get(fd, SocketOption.ReceiveBuffer).Count,
            TcpSocket.Get(fd, SocketOption.SendBuffer).Count, TcpSocket.Get(fd, SocketOption.NotSentLowat).Count);
    }
}
