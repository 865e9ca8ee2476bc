using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Judged;

/// <summary>How sessions end that have their server: what is passed on, and the line that tells of it.</summary>
public sealed class RelayingEndsTests
{
    [Theory, Balancers]
    public void The_client_ends_first_and_the_server_follows(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        using Peer client = balancer.Connect();
        client.Send("question");
        using Peer peer = server.Accept();
        Assert.Equal("question", peer.ReadText(8));

        client.Finish();
        Assert.Empty(peer.ReadToEnd());
        peer.Send("late answer");
        peer.Finish();

        Assert.Equal("late answer", client.ReadTextToEnd());
        Assert.Equal("web web/s1 n/n 11 -- 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void The_server_ends_first_and_the_client_may_still_send(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        using Peer client = balancer.Connect();
        using Peer peer = server.Accept();
        peer.Send("hello");
        peer.Finish();
        Assert.Equal("hello", client.ReadTextToEnd());

        client.Send("still here");
        client.Finish();

        Assert.Equal("still here", peer.ReadTextToEnd());
        Assert.Equal("web web/s1 n/n 5 -- 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_client_that_resets_is_CD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        Peer client = balancer.Connect();
        client.Send("abc");
        using Peer peer = server.Accept();
        Assert.Equal("abc", peer.ReadText(3));
        peer.Send("hello");
        Assert.Equal("hello", client.ReadText(5));

        client.Reset();

        peer.ReadToAnyEnd();
        Assert.Equal("web web/s1 n/n 5 CD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_server_that_resets_before_any_data_is_SD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        using Peer client = balancer.Connect();
        client.Send("abc");
        Peer peer = server.Accept();
        Assert.Equal("abc", peer.ReadText(3));

        peer.Reset();

        client.ReadToAnyEnd();
        Assert.Equal("web web/s1 n/n 0 SD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    // HAProxy often finds the reset only by its time-out: not judged.
    [Theory, InlineData(Which.ExchangeLb), InlineData(Which.ExchangeLbOnTwoLoops)]
    public void What_a_server_sent_before_it_resets_reaches_the_client(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        using Peer client = balancer.Connect();
        client.Send("abc");
        Peer peer = server.Accept();
        Assert.Equal("abc", peer.ReadText(3));

        peer.Send(new byte[3000]);
        peer.Reset();

        Assert.Equal(3000, client.ReadToEnd().Length);
        Assert.Equal("web web/s1 n/n 3000 SD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    // HAProxy finds this out only with the next write or time-out: not judged.
    [Theory, InlineData(Which.ExchangeLb), InlineData(Which.ExchangeLbOnTwoLoops)]
    public void A_client_that_resets_with_data_on_the_way_is_CD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        Peer client = balancer.Connect();
        using Peer peer = server.Accept();
        peer.Send("hello");
        Assert.Equal("hello", client.ReadText(5));

        client.Send("abc");
        client.Reset();

        peer.ReadToAnyEnd();
        Assert.Equal("web web/s1 n/n 5 CD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    // HAProxy finds this out only with the next write or time-out: not judged.
    [Theory, InlineData(Which.ExchangeLb), InlineData(Which.ExchangeLbOnTwoLoops)]
    public void A_client_that_closes_without_reading_what_comes_is_CD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        Peer client = balancer.Connect();
        using Peer peer = server.Accept();
        peer.Send("1");
        Assert.Equal("1", client.ReadText(1));
        client.Dispose();
        Assert.Empty(peer.ReadToEnd());

        // The first answer makes the client's kernel reset, the second finds that out.
        peer.Send("hello");
        peer.ReadToAnyEnd();

        Assert.Equal("web web/s1 n/n 6 CD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_server_that_resets_after_the_client_has_finished_is_SD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        using Peer client = balancer.Connect();
        client.Send("abc");
        Peer peer = server.Accept();
        client.Finish();
        Assert.Equal("abc", peer.ReadTextToEnd());

        peer.Reset();

        client.ReadToAnyEnd();
        Assert.Equal("web web/s1 n/n 0 SD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    [Theory, Balancers]
    public void A_client_that_resets_after_the_server_has_finished_is_CD(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server);
        Peer client = balancer.Connect();
        using Peer peer = server.Accept();
        peer.Send("hello");
        peer.Finish();
        Assert.Equal("hello", client.ReadTextToEnd());

        client.Reset();

        peer.ReadToAnyEnd();
        Assert.Equal("web web/s1 n/n 5 CD 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
    }

    private static IBalancer Start(Which which, ScriptedServer server) => Balancer.Start(which, $"""
        listen web
            bind FRONT
            server s1 {server.EndPoint}
        """);
}
