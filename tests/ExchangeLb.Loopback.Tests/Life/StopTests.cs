using System.Net.Sockets;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Life;

/// <summary>How it ends.</summary>
public sealed class StopTests
{
    [Theory, InlineData(1), InlineData(2)]
    public async Task A_soft_stop_refuses_new_clients_and_lets_the_others_finish(int loops)
    {
        using var server = ScriptedServer.Echo();
        using Site site = Start(server, loops);
        using Peer client = site.Connect();
        Assert.Equal("a", Ask(client, "a"));

        site.Balancer.StopSoftly();

        Until.True(() => Refuses(site), "new clients are refused");
        Assert.Equal("b", Ask(client, "b"));
        Assert.False(site.Balancer.Completion.IsCompleted);
        Assert.Equal(FrontendStatus.Stopped, site.Proxy("web").Frontend!.Status);
        client.Dispose();
        await site.Balancer.Completion.WaitAsync(Until.Patience);
        site.Log.LineWith("Proxy web stopped (cumulated conns: FE: 1, BE: 1).");
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_stop_cuts_all_sessions(int loops)
    {
        using var server = new ScriptedServer();
        using Site site = Start(server, loops);
        using Peer client = site.Connect();
        using Peer peer = server.Accept();
        site.Balancer.StopSoftly();

        site.Balancer.Stop();

        await site.Balancer.Completion.WaitAsync(Until.Patience);
        client.ReadToAnyEnd();
        peer.ReadToAnyEnd();
    }

    [Fact]
    public async Task A_stop_ends_those_who_wait_or_connect_too()
    {
        using var full = new FullBacklog();
        using IBalancer site = Site.Start($"""
            listen web
                bind FRONT
                timeout queue 60s
                server s1 {full.EndPoint} maxconn 1
            """);
        using Peer connecting = site.Connect();
        full.WaitForAttempt();
        using Peer queued = site.ConnectIntoLine();

        ((Site)site).Balancer.Stop();

        connecting.ReadToAnyEnd();
        queued.ReadToAnyEnd();
        await ((Site)site).Balancer.Completion.WaitAsync(Until.Patience);
    }

    private static Site Start(ScriptedServer server, int loops) => Site.Start(
        $"""
        listen web
            bind FRONT
            server s1 {server.EndPoint}
        """,
        loops);

    /// <summary>A connection that was in the listener's queue when it closed is reset, not refused: then the next attempt tells.</summary>
    private static bool Refuses(Site site)
    {
        try
        {
            using Peer another = site.Connect();
            return false;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return true;
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }

    private static string Ask(Peer client, string text)
    {
        client.Send(text);
        return client.ReadText(text.Length);
    }
}
