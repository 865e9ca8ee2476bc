using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Limits;

/// <summary>When there are no descriptors left, accepting pauses, says so, and recovers.</summary>
public sealed class ExhaustionTests
{
    /// <summary>One of the two numbers runs out with a client's socket, the other with a server's.</summary>
    [Theory, InlineData(20), InlineData(21)]
    public void Clients_wait_for_descriptors_and_are_served(int spare)
    {
        using var server = ScriptedServer.Echo();
        using var site = new LimitedSite(
            $"""
            listen web
                bind FRONT
                timeout connect 100ms
                retries 1000
                server s1 {server.EndPoint}
            """,
            spare);
        var clients = new Queue<Peer>(Enumerable.Range(0, 30).Select(_ => Peer.Connect(site.Front)));
        foreach (Peer client in clients)
        {
            client.Send("?");
        }

        // Those who came first have their place; the log tells of the others.
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal("?", clients.ElementAt(i).ReadText(1));
        }
        site.Log.LineWith("Proxy web pauses accepting: the process has no file descriptor left (ulimit-n)");
        Assert.False(clients.Last().Socket.Poll(200_000, SelectMode.SelectRead));

        // Whoever leaves lets others in.
        while (clients.TryDequeue(out Peer? client))
        {
            using (client)
            {
                if (clients.Count < 22)
                {
                    Assert.Equal("?", client.ReadText(1));
                }
            }
        }
    }
}
