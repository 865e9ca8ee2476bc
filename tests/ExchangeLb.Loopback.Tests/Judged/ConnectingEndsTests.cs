using System.Net;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Judged;

/// <summary>Servers that refuse, that don't answer, that are not there; clients that leave before they have one.</summary>
public sealed class ConnectingEndsTests
{
    [Theory, Balancers]
    public void Without_a_usable_server_the_session_is_SC(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                server s1 {Addresses.FreshEndPoint()} disabled
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        Assert.Equal("web web/<NOSRV> -1/-1 0 SC 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_frontend_without_a_backend_is_SC(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, """
            frontend web
                bind FRONT
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        Assert.Equal("web web/<NOSRV> -1/-1 0 SC 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_server_that_refuses_is_tried_again_and_then_SC(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                timeout connect 50ms
                retries 2
                server s1 {Addresses.FreshEndPoint()}
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/-1 0 SC 1/1/0/0/2 0/0", line.Facts);
        Assert.True(line.TotalMs >= 98, line.Total);
    }

    [Theory, Balancers]
    public void No_retries_means_one_attempt(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                retries 0
                server s1 {Addresses.FreshEndPoint()}
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        Assert.Equal("web web/s1 n/-1 0 SC 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void Round_robin_goes_to_another_server_at_once_when_redispatch_is_on(Which which)
    {
        using var good = ScriptedServer.Saying("good");
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                option redispatch
                server s1 {Addresses.FreshEndPoint()}
                server s2 {good.EndPoint}
            """);
        using Peer client = balancer.Connect();
        Assert.Equal("good", client.ReadTextToEnd());
        client.Dispose();
        Assert.Equal("web web/s2 n/n 4 -- 1/1/0/0/+1 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void Without_redispatch_the_same_server_is_tried_to_the_end(Which which)
    {
        using var good = ScriptedServer.Saying("good");
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                timeout connect 20ms
                retries 3
                server s1 {Addresses.FreshEndPoint()}
                server s2 {good.EndPoint}
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        Assert.Equal("web web/s1 n/-1 0 SC 1/1/0/0/3 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_single_server_is_not_redispatched_from(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                timeout connect 50ms
                option redispatch
                retries 2
                server s1 {Addresses.FreshEndPoint()}
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/-1 0 SC 1/1/0/0/2 0/0", line.Facts);
        Assert.True(line.TotalMs >= 98, line.Total);
    }

    [Theory, Balancers]
    public void Least_connections_goes_to_another_server_at_once_too(Which which)
    {
        using var good = ScriptedServer.Saying("good");
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                balance leastconn
                option redispatch
                retries 2
                server s1 {Addresses.FreshEndPoint()}
                server s2 {good.EndPoint}
            """);
        using Peer client = balancer.Connect();
        Assert.Equal("good", client.ReadTextToEnd());
        client.Dispose();
        Assert.Equal("web web/s2 n/n 4 -- 1/1/0/0/+1 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void With_all_servers_dead_the_last_one_tried_is_named(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                option redispatch
                server s1 {Addresses.FreshEndPoint()}
                server s2 {Addresses.FreshEndPoint()}
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        Assert.Equal("web web/s2 n/-1 0 SC 1/1/0/0/+3 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_client_that_resets_at_once_is_CR(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                maxconn 1
                server s1 {server.EndPoint}
            """);
        using Peer first = balancer.Connect();
        using Peer peer = server.Accept();

        // With the frontend full, the second connection waits in the kernel's queue until it has been reset.
        balancer.Connect().Reset();
        first.Dispose();
        peer.Dispose();

        balancer.Log.NextSession();
        Assert.Equal("web web/<NOSRV> -1/-1 0 CR 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_stuck_client_leaves_its_dead_server_with_the_last_retry(Which which)
    {
        using var first = new ScriptedServer();
        using var good = ScriptedServer.Saying("good");
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                stick-table type ip size 10 expire 1m
                stick on src
                timeout connect 50ms
                option redispatch
                retries 2
                server s1 {first.EndPoint}
                server s2 {good.EndPoint}
            """);
        using (Peer earlier = balancer.Connect())
        {
            first.Accept().Dispose();
            earlier.ReadToAnyEnd();
        }
        balancer.Log.NextSession();
        first.Dispose();

        using Peer client = balancer.Connect();
        Assert.Equal("good", client.ReadTextToEnd());
        client.Dispose();
        Assert.Equal("web web/s2 n/n 4 -- 1/1/0/0/+2 0/0", balancer.Log.NextSession().Facts);
        using Peer again = balancer.Connect();
        Assert.Equal("good", again.ReadTextToEnd());
        again.Dispose();
        Assert.Equal("web web/s2 n/n 4 -- 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_server_that_does_not_answer_is_sC(Which which)
    {
        using var full = new FullBacklog();
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                timeout connect 50ms
                retries 2
                server s1 {full.EndPoint}
            """);
        using Peer client = balancer.Connect();
        client.ReadToAnyEnd();
        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/-1 0 sC 1/1/0/0/2 0/0", line.Facts);
        Assert.True(line.TotalMs >= 148, line.Total);
    }

    [Theory, Balancers]
    public void A_client_that_closes_while_connecting_is_CC(Which which)
    {
        using var full = new FullBacklog();
        using IBalancer balancer = StartSlow(which, full.EndPoint);
        Peer client = balancer.Connect();
        full.WaitForAttempt();
        client.Dispose();
        Assert.Equal("web web/s1 n/-1 0 CC 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_client_that_resets_while_connecting_is_CC(Which which)
    {
        using var full = new FullBacklog();
        using IBalancer balancer = StartSlow(which, full.EndPoint);
        Peer client = balancer.Connect();
        client.Send("abc");
        full.WaitForAttempt();
        client.Reset();

        // HAProxy says CD, against its manual (8.5: CC, before the connection to the server is made).
        string code = which == Which.Haproxy ? "CD" : "CC";
        Assert.Equal($"web web/s1 n/-1 0 {code} 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_client_that_closes_during_the_turn_around_is_CC(Which which)
    {
        using IBalancer balancer = StartSlow(which, Addresses.FreshEndPoint());
        Peer client = balancer.Connect();
        Until.True(() => balancer.Count("web", "s1", "wretr") == 1, "the first attempt is refused");
        client.Dispose();
        Assert.Equal("web web/s1 n/-1 0 CC 1/1/0/0/1 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_client_that_has_sent_all_and_finished_waits_for_its_server(Which which)
    {
        IPEndPoint at = Addresses.FreshEndPoint();
        using IBalancer balancer = StartSlow(which, at);
        using Peer client = balancer.Connect();
        client.Send("abc");
        client.Finish();
        Until.True(() => balancer.Count("web", "s1", "wretr") == 1, "the first attempt is refused");

        using var server = new ScriptedServer(at: at);      // comes up within the turn-around
        using Peer peer = server.Accept();

        Assert.Equal("abc", peer.ReadTextToEnd());
        peer.Send("late");
        peer.Finish();
        Assert.Equal("late", client.ReadTextToEnd());
        Assert.Equal("web web/s1 n/n 4 -- 1/1/0/0/1 0/0", balancer.Log.NextSession().Facts);
    }

    private static IBalancer StartSlow(Which which, IPEndPoint server) => Balancer.Start(which, $"""
        listen web
            bind FRONT
            server s1 {server}
        """);
}
