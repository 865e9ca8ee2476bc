using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using ExchangeLb.Proxy.Sessions;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Life;

/// <summary>A virtual address leaves this host: who is still busy there, and the end of those who stay.</summary>
public sealed class SessionsOfAnAddressTests
{
    private const int LongAgoMs = 1_000_000;

    [Theory, InlineData(1), InlineData(2)]
    public void Young_sessions_of_the_address_are_counted_until_they_end(int loops)
    {
        using var server = ScriptedServer.Greeting("hello");
        using Site site = OnAllAddresses(server, loops, out IPEndPoint one, out IPEndPoint other);
        Peer[] here = [.. Enumerable.Range(0, 5).Select(_ => Greeted(one))];
        using Peer there = Greeted(other);

        Assert.Equal(5, Count(site, LongAgoMs, one.Address));
        Assert.Equal(6, Count(site, LongAgoMs, one.Address, other.Address));
        Assert.Equal(0, Count(site, 0, one.Address));

        here[0].Dispose();
        Until.True(() => Count(site, LongAgoMs, one.Address) == 4, "the one that left is not counted");
        foreach (Peer peer in here)
        {
            peer.Dispose();
        }
    }

    [Theory, InlineData(1), InlineData(2)]
    public void More_than_a_loop_remembers_are_counted_all_the_same(int loops)
    {
        using var server = ScriptedServer.Greeting("hello");
        using Site site = OnAllAddresses(server, loops, out IPEndPoint one, out IPEndPoint other);
        using Peer first = Greeted(one);
        for (int i = 0; i < loops * RecentSessions.Capacity * 3 / 2; i++)
        {
            Greeted(other).Dispose();
        }
        Assert.Equal(1, Count(site, LongAgoMs, one.Address));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Sessions_of_the_address_are_cut_and_others_stay(int loops)
    {
        const int Many = 600;       // more than a loop ends in one turn
        using var server = ScriptedServer.Greeting("hello");
        using Site site = OnAllAddresses(server, loops, out IPEndPoint one, out IPEndPoint other);
        Peer[] here = [.. Enumerable.Range(0, Many).Select(_ => Greeted(one))];
        using Peer there = Greeted(other);

        site.Balancer.CutSessions(one.Address);

        foreach (Peer peer in here)
        {
            peer.ReadToAnyEnd();
            peer.Dispose();
        }
        Until.True(() => site.Count("web", "s1", "scur") == 1, "the server has one session left");
        Until.True(() => site.Log.Sessions.Count == Many, "each was logged");
        Assert.All(site.Log.Sessions, session => Assert.Equal("KD", session.Code));
        Assert.False(there.Socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead), "the other address's client is not touched");
    }

    private static Peer Greeted(IPEndPoint at)
    {
        Peer client = Peer.Connect(at);
        client.ReadText(5);
        return client;
    }

    private static Site OnAllAddresses(ScriptedServer server, int loops, out IPEndPoint one, out IPEndPoint other)
    {
        IPEndPoint front = Addresses.FreeEndPoint(IPAddress.Any);
        one = new IPEndPoint(Addresses.Fresh(), front.Port);
        other = new IPEndPoint(Addresses.Fresh(), front.Port);
        return Site.Start(
            $"""
            listen web
                bind :{front.Port}
                bind {other.Address}:{front.Port}
                server s1 {server.EndPoint}
            """,
            loops,
            front: one);
    }

    private static int Count(Site site, int youngerThanMs, params IEnumerable<IPAddress> at)
    {
        YoungSessions young = site.Balancer.CountYoung(at, youngerThanMs);
        Until.True(() => young.Count is not null, "the loops have counted");
        return young.Count!.Value;
    }
}
