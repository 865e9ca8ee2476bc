using System.Linq;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Judged;

/// <summary>What the statistics say after sessions have ended in one way or another.</summary>
public sealed class CounterTests
{
    private static readonly string[] ServerColumns = ["stot", "smax", "bin", "bout", "econ", "eresp", "wretr", "wredis", "cli_abrt", "srv_abrt", "lbtot"];

    [Theory, Balancers]
    public void Sessions_that_end_well(Which which)
    {
        using var server = ScriptedServer.Saying("hello");
        using IBalancer balancer = Start(which, server);
        Ask(balancer, "abc");
        Ask(balancer, "");
        Assert.Equal("2 1 3 10 0 0 0 0 0 0 2", Row(balancer, "s1"));
        Assert.Equal("2 1 3 10 0 0 0 0 0 0 2", Row(balancer, "BACKEND"));
        Assert.Equal((2, 2), (balancer.Count("web", "FRONTEND", "stot"), balancer.Count("web", "FRONTEND", "conn_tot")));
        Assert.Equal((3, 10), (balancer.Count("web", "FRONTEND", "bin"), balancer.Count("web", "FRONTEND", "bout")));
    }

    [Theory, Balancers]
    public void A_client_that_resets(Which which)
    {
        using var server = ScriptedServer.Greeting("hello");
        using IBalancer balancer = Start(which, server);
        Peer client = balancer.Connect();
        Assert.Equal("hello", client.ReadText(5));
        client.Reset();
        Assert.Equal("CD", balancer.Log.NextSession().Code);
        Assert.Equal("1 1 0 5 0 0 0 0 1 0 1", Row(balancer, "s1"));
        Assert.Equal("1 1 0 5 0 0 0 0 1 0 1", Row(balancer, "BACKEND"));
    }

    [Theory, Balancers]
    public void A_server_that_resets(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        using Peer client = balancer.Connect();
        client.Send("abc");
        Peer peer = server.Accept();
        peer.ReadText(3);
        peer.Reset();
        Assert.Equal("SD", balancer.Log.NextSession().Code);
        Assert.Equal("1 1 3 0 0 1 0 0 0 1 1", Row(balancer, "s1"));
    }

    [Theory, Balancers]
    public void A_client_and_a_server_that_are_silent(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer first = Start(which, server, "timeout client 50ms");
        using (Peer client = first.Connect())
        {
            using Peer peer = server.Accept();
            peer.ReadToAnyEnd();
        }
        Assert.Equal("cD", first.Log.NextSession().Code);
        Assert.Equal("1 1 0 0 0 0 0 0 1 0 1", Row(first, "s1"));
        using IBalancer second = Start(which, server, "timeout server 50ms");
        using (Peer client = second.Connect())
        {
            using Peer peer = server.Accept();
            client.ReadToAnyEnd();
        }
        Assert.Equal("sD", second.Log.NextSession().Code);
        Assert.Equal("1 1 0 0 0 0 0 0 0 1 1", Row(second, "s1"));
    }

    [Theory, Balancers]
    public void A_server_that_refuses(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                timeout connect 20ms
                retries 2
                server s1 {Addresses.FreshEndPoint()}
            """);
        Ask(balancer, "abc");
        balancer.Log.NextSession();
        Assert.Equal("3 1 3 0 1 0 2 0 0 0 1", Row(balancer, "s1"));
        Assert.Equal("1 1 3 0 1 0 2 0 0 0 1", Row(balancer, "BACKEND"));
    }

    [Theory, Balancers]
    public void A_redispatch(Which which)
    {
        using var good = ScriptedServer.Saying("hello");
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                option redispatch
                server s1 {Addresses.FreshEndPoint()}
                server s2 {good.EndPoint}
            """);
        Ask(balancer, "abc");
        balancer.Log.NextSession();
        Assert.Equal("1 1 0 0 0 0 0 1 0 0 1", Row(balancer, "s1"));
        Assert.Equal("1 1 3 5 0 0 0 0 0 0 1", Row(balancer, "s2"));
        Assert.Equal("1 1 3 5 0 0 0 1 0 0 2", Row(balancer, "BACKEND"));
    }

    [Theory, Balancers]
    public void A_stuck_client_is_not_counted_as_balanced(Which which)
    {
        using var server = ScriptedServer.Saying("hello");
        using IBalancer balancer = Start(which, server, "stick-table type ip size 10\n    stick on src");
        Ask(balancer, "");
        Ask(balancer, "");
        Assert.Equal("2 1 0 10 0 0 0 0 0 0 1", Row(balancer, "s1"));
    }

    [Theory, Balancers]
    public void A_wait_that_is_too_long_and_one_that_is_given_up(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "timeout queue 1500ms", "maxconn 1");
        using Peer first = balancer.Connect();
        using Peer peer = server.Accept();
        Peer leaves = balancer.ConnectIntoLine();
        leaves.Dispose();
        Assert.Equal("CQ", balancer.Log.NextSession().Code);
        using Peer waits = balancer.Connect();
        waits.ReadToAnyEnd();
        Assert.Equal("sQ", balancer.Log.NextSession().Code);
        Assert.Equal("1 1 0 0 0 0 0 0 0 0 1", Row(balancer, "s1"));
        Assert.Equal("3 2 0 0 1 0 0 0 0 0 1", Row(balancer, "BACKEND"));
    }

    [Theory, Balancers]
    public void No_server_at_all(Which which)
    {
        using IBalancer balancer = Balancer.Start(which, $"""
            listen web
                bind FRONT
                server s1 {Addresses.FreshEndPoint()} disabled
            """);
        Ask(balancer, "");
        balancer.Log.NextSession();
        Assert.Equal("1 1 0 0 1 0 0 0 0 0 0", Row(balancer, "BACKEND"));
    }

    private static string Row(IBalancer balancer, string row) =>
        string.Join(' ', ServerColumns.Select(column => balancer.Count("web", row, column)));

    private static IBalancer Start(Which which, ScriptedServer server, string line = "", string words = "") => Balancer.Start(which, $"""
        listen web
            bind FRONT
            {line}
            server s1 {server.EndPoint} {words}
        """);

    private static void Ask(IBalancer balancer, string text)
    {
        int before = balancer.Log.Sessions.Count;
        using (Peer client = balancer.Connect())
        {
            client.Send(text);
            client.ReadToAnyEnd();
        }
        Until.True(() => balancer.Log.Sessions.Count > before, "the session is logged");
    }
}
