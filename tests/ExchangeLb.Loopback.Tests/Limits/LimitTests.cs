using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Limits;

/// <summary>Every `maxconn` there is.</summary>
public sealed class LimitTests
{
    [Theory, InlineData(1), InlineData(2)]
    public async Task A_server_never_has_more_than_its_maxconn_and_all_are_served(int loops)
    {
        int now = 0;
        int most = 0;
        using var server = new ScriptedServer(peer =>
        {
            int here = Interlocked.Increment(ref now);
            InterlockedMax(ref most, here);
            string question = peer.ReadText(4);
            Interlocked.Decrement(ref now);     // before the answer: when the client has it, the place may be given away
            peer.Send(question);
            peer.Finish();
            peer.ReadToAnyEnd();
        });
        using Site site = Site.Start(
            $"""
            listen web
                bind FRONT
                timeout queue 20s
                server s1 {server.EndPoint} maxconn 3
            """,
            loops);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() =>
        {
            using Peer client = site.Connect();
            client.Send($"{i:0000}");
            return client.ReadTextToEnd();
        })));

        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i:0000}"), answers);
        Assert.InRange(most, 1, 3);
        Assert.InRange(site.Count("web", "s1", "smax"), 1, 3);
        Until.True(() => site.Count("web", "s1", "scur") == 0, "all sessions have ended");
    }

    [Theory]
    [InlineData(1, "", "maxconn 2", "")]
    [InlineData(2, "", "maxconn 2", "")]
    [InlineData(1, "maxconn 2", "", "")]
    [InlineData(2, "maxconn 2", "", "")]
    [InlineData(1, "", "", "maxconn 2")]
    [InlineData(2, "", "", "maxconn 2")]
    public void Accepting_pauses_at_the_limit_and_goes_on_below_it(int loops, string global, string frontend, string bind)
    {
        using var server = ScriptedServer.Echo();
        using Site site = Site.Start(
            $"""
            listen web
                bind FRONT {bind}
                {frontend}
                server s1 {server.EndPoint}
            """,
            loops,
            global);
        using Peer first = site.Connect();
        using Peer second = site.Connect();
        Assert.Equal("1", Ask(first, "1"));
        Assert.Equal("2", Ask(second, "2"));

        // The kernel connects it, nobody accepts it.
        using Peer third = site.Connect();
        third.Send("3");
        Assert.False(third.Socket.Poll(300_000, System.Net.Sockets.SelectMode.SelectRead));
        Assert.Equal(2, site.Count("web", "FRONTEND", "scur"));

        first.Dispose();
        Assert.Equal("3", third.ReadText(1));
        Assert.Equal("2", Ask(second, "2"));
        Assert.Equal(2, site.Count("web", "FRONTEND", "smax"));
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task Far_more_clients_than_places_are_all_served_in_the_end(int loops)
    {
        using var server = ScriptedServer.Saying("ok");
        using Site site = Site.Start(
            $"""
            listen web
                bind FRONT
                maxconn 4
                server s1 {server.EndPoint}
            """,
            loops);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() =>
        {
            using Peer client = site.Connect();
            return client.ReadTextToEnd();
        })));
        Assert.All(answers, answer => Assert.Equal("ok", answer));
        Assert.InRange(site.Count("web", "FRONTEND", "smax"), 1, 4);
    }

    private static string Ask(Peer client, string text)
    {
        client.Send(text);
        return client.ReadText(text.Length);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
            // another thread raised it meanwhile
        }
    }
}
