using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Judged;

/// <summary>Sides that are silent for longer than they may.</summary>
public sealed class TimeoutTests
{
    [Theory, Balancers]
    public void A_server_that_accepts_and_says_nothing_is_sD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout server 500ms");
        using Peer client = balancer.Connect();
        client.Send("abc");
        using Peer peer = server.Accept();
        Assert.Equal("abc", peer.ReadText(3));

        client.ReadToAnyEnd();

        client.Dispose();
        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/n 0 sD 1/1/0/0/0 0/0", line.Facts);
        Assert.True(line.TotalMs >= 499, line.Total);
    }

    [Theory, Balancers]
    public void A_client_that_says_nothing_is_cD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout client 100ms");
        using Peer client = balancer.Connect();
        using Peer peer = server.Accept();

        peer.ReadToAnyEnd();

        peer.Dispose();
        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/n 0 cD 1/1/0/0/0 0/0", line.Facts);
        Assert.True(line.TotalMs >= 99, line.Total);
    }

    [Theory, Balancers]
    public void A_client_that_only_receives_is_not_silent(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout client 1500ms");
        using Peer client = balancer.Connect();
        using Peer peer = server.Accept();
        for (int i = 0; i < 20; i++)        // longer than the time-out, each pause much shorter
        {
            peer.Send("tick");
            Assert.Equal("tick", client.ReadText(4));
            Assert.False(peer.Socket.Poll(100_000, System.Net.Sockets.SelectMode.SelectRead));
        }
        peer.Finish();
        client.ReadToEnd();
        client.Dispose();
        Assert.Equal("web web/s1 n/n 80 -- 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_half_closed_client_has_the_time_of_client_fin(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout client-fin 500ms");
        using Peer client = balancer.Connect();
        using Peer peer = server.Accept();

        peer.Send("bye");
        peer.Finish();

        Assert.Equal("bye", client.ReadTextToEnd());
        Assert.Equal("web web/s1 n/n 3 cD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_half_closed_server_has_the_time_of_server_fin(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout server-fin 500ms");
        using Peer client = balancer.Connect();
        client.Send("abc");
        using Peer peer = server.Accept();

        client.Finish();

        Assert.Equal("abc", peer.ReadTextToEnd());
        Assert.Equal("web web/s1 n/n 0 sD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_tunnel_has_its_own_time(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout tunnel 1s");
        using Peer client = balancer.Connect();
        client.Send("abc");
        using Peer peer = server.Accept();
        Assert.Equal("abc", peer.ReadText(3));
        peer.Send("hello");
        Assert.Equal("hello", client.ReadText(5));

        peer.ReadToAnyEnd();
        peer.Dispose();

        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/n 5 cD 1/1/0/0/0 0/0", line.Facts);
        Assert.True(line.TotalMs < 15_000, line.Total);
    }

    private static IBalancer Start(Which which, ScriptedServer server, string timeout) => Balancer.Start(which, $"""
        listen web
            bind FRONT
            {timeout}
            server s1 {server.EndPoint}
        """);
}
