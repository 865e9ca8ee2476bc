using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Judged;

/// <summary>Sessions in line for a server that has `maxconn` connections.</summary>
public sealed class QueueTests
{
    [Theory, Balancers]
    public void Sessions_get_the_place_in_the_order_in_which_they_came(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout queue 20s");
        using Peer first = balancer.Connect();
        first.Send("1");
        Peer firstPeer = server.Accept();
        Assert.Equal("1", firstPeer.ReadText(1));
        using Peer second = balancer.ConnectIntoLine("2");
        using Peer third = balancer.ConnectIntoLine("3");

        first.Dispose();
        firstPeer.Dispose();
        Assert.Equal("web web/s1 n/n 0 -- 3/3/2/0/0 0/0", balancer.Log.NextSession().Facts);

        Peer secondPeer = server.Accept();
        Assert.Equal("2", secondPeer.ReadText(1));
        second.Dispose();
        secondPeer.Dispose();
        Assert.Equal("web web/s1 n/n 0 -- 2/2/1/0/0 0/1", balancer.Log.NextSession().Facts);

        Peer thirdPeer = server.Accept();
        Assert.Equal("3", thirdPeer.ReadText(1));
        third.Dispose();
        thirdPeer.Dispose();
        Assert.Equal("web web/s1 n/n 0 -- 1/1/0/0/0 0/2", balancer.Log.NextSession().Facts);
        Assert.Equal(3, server.AcceptedTotal);
    }

    [Theory, Balancers]
    public void A_session_that_waits_too_long_is_sQ(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout queue 100ms");
        using Peer first = balancer.Connect();
        using Peer peer = server.Accept();

        using Peer second = balancer.Connect();
        second.ReadToAnyEnd();

        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/<NOSRV> n/-1 0 sQ 2/2/1/0/0 0/1", line.Facts);
        Assert.True(line.QueueMs >= 99, $"{line.QueueMs}");
    }

    [Theory, Balancers]
    public void A_client_that_leaves_the_line_is_CQ(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout queue 20s");
        using Peer first = balancer.Connect();
        using Peer peer = server.Accept();

        Peer second = balancer.ConnectIntoLine();
        second.Dispose();

        Assert.Equal("web web/<NOSRV> n/-1 0 CQ 2/2/1/0/0 0/1", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_client_that_has_sent_all_and_finished_keeps_its_place_in_the_line(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout queue 20s");
        Peer first = balancer.Connect();
        Peer peer = server.Accept();
        using Peer second = balancer.ConnectIntoLine("question");
        second.Finish();

        first.Dispose();
        peer.Dispose();

        using Peer next = server.Accept();
        Assert.Equal("question", next.ReadTextToEnd());
        next.Send("answer");
        next.Finish();
        Assert.Equal("answer", second.ReadTextToEnd());
        balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/n 6 -- 1/1/0/0/0 0/1", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void With_abortonclose_a_client_that_finished_loses_it(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout queue 20s\n    option abortonclose");
        using Peer first = balancer.Connect();
        using Peer peer = server.Accept();

        using Peer second = balancer.ConnectIntoLine("question");
        second.Finish();

        Assert.Equal("web web/<NOSRV> n/-1 0 CQ 2/2/1/0/0 0/1", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_stuck_client_waits_for_its_own_server(Which which)
    {
        using var one = ScriptedServer.Greeting("1");
        using var two = ScriptedServer.Greeting("2");
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                timeout queue 20s
                stick-table type ip size 10 expire 1m
                stick on src
                server s1 {one.EndPoint} maxconn 1
                server s2 {two.EndPoint} maxconn 1
            """);
        Peer first = balancer.Connect();
        Assert.Equal("1", first.ReadText(1));
        using Peer second = balancer.ConnectIntoLine();

        first.Dispose();

        Assert.Equal("1", second.ReadText(1));
        balancer.Log.NextSession();
        second.Dispose();
        Assert.Equal("web web/s1 n/n 1 -- 1/1/0/0/0 1/0", balancer.Log.NextSession().Facts);
    }

    private static IBalancer Start(Which which, ScriptedServer server, string line) => Balancer.Start(which, $"""
        listen web
            bind FRONT
            {line}
            server s1 {server.EndPoint} maxconn 1
        """);
}
