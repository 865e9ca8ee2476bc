using System.Net;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Life;

/// <summary>Where clients may come from and to.</summary>
public sealed class ListeningTests
{
    [Fact]
    public void IPv6_clients_are_served_and_logged_by_their_address()
    {
        using var server = ScriptedServer.Saying("six");
        IPEndPoint front = Addresses.FreeEndPoint(IPAddress.IPv6Loopback);
        using Site site = Site.Start(
            $"""
            listen web
                bind ::1:{front.Port}
                server s1 {server.EndPoint}
            """,
            front: front);
        using Peer client = site.Connect();
        Assert.Equal("six", client.ReadTextToEnd());
        int port = client.Local.Port;
        client.Dispose();
        Assert.Equal($"::1:{port}", site.Log.NextSession().Client);
    }

    [Fact]
    public void An_IPv6_server_is_reached()
    {
        using var server = new ScriptedServer(
            peer =>
            {
                peer.Send("six");
                peer.Finish();
                peer.ReadToAnyEnd();
            },
            new IPEndPoint(IPAddress.IPv6Loopback, 0));
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                server s1 ::1:{server.EndPoint.Port}
            """);
        using Peer client = site.Connect();
        Assert.Equal("six", client.ReadTextToEnd());
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_v4v6_bind_takes_both_and_knows_an_IPv4_client_as_such(int loops)
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        IPEndPoint front = Addresses.FreeEndPoint(IPAddress.IPv6Any);
        using Site site = Site.Start(
            $"""
            listen web
                bind :::{front.Port} v4v6
                stick-table type ip size 10
                stick on src
                server s1 {one.EndPoint}
                server s2 {two.EndPoint}
            """,
            loops,
            front: front);
        Assert.Equal("1", Ask(new IPEndPoint(IPAddress.Loopback, front.Port)));
        Assert.Equal("1", Ask(new IPEndPoint(IPAddress.Loopback, front.Port)));
        Assert.Equal("2", Ask(new IPEndPoint(IPAddress.IPv6Loopback, front.Port)));
        Assert.StartsWith("127.0.0.1:", site.Log.NextSession().Client);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void An_inherited_socket_is_listened_on(int loops)
    {
        using var server = ScriptedServer.Saying("inherited");
        IPEndPoint front = Addresses.FreshEndPoint();
        int inherited = TcpSocket.Create(SockAddress.AF_INET).Count;
        Assert.True(TcpSocket.Bind(inherited, SockAddress.From(front)).Ok);
        Assert.True(TcpSocket.Listen(inherited, 100).Ok);
        using Site site = Site.Start(
            $"""
            listen web
                bind fd@{inherited}
                server s1 {server.EndPoint}
            """,
            loops,
            front: front);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("inherited", Ask(front));
        }
    }

    private static string Ask(IPEndPoint to)
    {
        using Peer client = Peer.Connect(to);
        return client.ReadTextToEnd();
    }
}
