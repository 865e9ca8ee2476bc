using System.Linq;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Judged;

/// <summary>Which sessions are logged, when, and at which level.</summary>
public sealed class LogTests
{
    private const int Info = (16 * 8) + 6;
    private const int Err = (16 * 8) + 3;

    [Theory, Balancers]
    public void Dontlognull_leaves_out_clients_that_sent_nothing(Which which)
    {
        using var server = ScriptedServer.Saying("hello");
        using IBalancer balancer = Start(which, server, "option dontlognull");
        Ask(balancer, "");
        Ask(balancer, "something");
        Assert.Equal("web web/s1 n/n 5 -- 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
        Assert.Equal(2, balancer.Count("web", "FRONTEND", "stot"));
        Assert.Single(balancer.Log.Sessions);
    }

    [Theory, Balancers]
    public void Dontlog_normal_leaves_out_what_ended_well(Which which)
    {
        using var server = new ScriptedServer(peer =>
        {
            if (peer.ReadText(3) == "bad")
            {
                peer.Reset();
                return;
            }
            peer.Finish();
            peer.ReadToAnyEnd();
        });
        using IBalancer balancer = Start(which, server, "option dontlog-normal");
        Ask(balancer, "fin");
        Ask(balancer, "bad");
        Assert.Equal("SD", balancer.Log.NextSession().Code);
        Assert.Single(balancer.Log.Sessions);
    }

    [Theory, Balancers]
    public void Errors_have_a_level_of_their_own_when_separated(Which which)
    {
        using var server = new ScriptedServer(peer =>
        {
            if (peer.ReadText(3) == "bad")
            {
                peer.Reset();
                return;
            }
            peer.Finish();
            peer.ReadToAnyEnd();
        });
        using IBalancer balancer = Start(which, server, "option log-separate-errors");
        Ask(balancer, "fin");
        Ask(balancer, "bad");
        Assert.Equal((Info, "--"), Level(balancer.Log.NextSession()));
        Assert.Equal((Err, "SD"), Level(balancer.Log.NextSession()));
    }

    [Theory, Balancers]
    public void Logasap_writes_the_line_as_soon_as_the_server_is_connected(Which which)
    {
        using var server = new ScriptedServer();
        using IBalancer balancer = Start(which, server, "option logasap");
        using Peer client = balancer.Connect();
        client.Send("abc");
        using Peer peer = server.Accept();
        SessionLine line = balancer.Log.NextSession();
        Assert.Equal("web web/s1 n/n +0 -- 1/1/1/1/0 0/0", line.Facts);
        Assert.StartsWith("+", line.Total);
    }

    [Theory, Balancers]
    public void Without_tcplog_there_is_a_line_at_accept(Which which)
    {
        using var server = ScriptedServer.Saying("hello");
        using IBalancer balancer = Balancer.Start(which, $"""
            defaults
                log global
                timeout connect 5s
                timeout client 30s
                timeout server 30s
            frontend web
                bind FRONT
                default_backend servers
            backend servers
                server s1 {server.EndPoint}
            """);
        using Peer client = balancer.Connect();
        string line = balancer.Log.LineWith("Connect from");
        Assert.EndsWith($"Connect from {client.Local} to {balancer.Front} (web/TCP)", line);
        Assert.StartsWith($"<{Info}>", line);
    }

    [Theory, Balancers]
    public void A_level_that_a_target_does_not_want_is_not_sent(Which which)
    {
        using var other = new LogCollector();
        using var server = ScriptedServer.Saying("hello");
        using IBalancer balancer = Start(which, server, $"log {other.EndPoint} local3 notice\n    log {other.EndPoint} local4 info err");
        Ask(balancer, "");
        const int local4 = (20 * 8) + 6;
        Assert.Equal((local4, "--"), Level(other.NextSession()));
        Assert.Single(other.Sessions);
    }

    [Theory, Balancers]
    public void A_session_to_another_backend_names_both(Which which)
    {
        using var server = ScriptedServer.Saying("hello");
        using IBalancer balancer = Balancer.Start(which, $"""
            frontend web
                bind FRONT
                default_backend servers
            backend servers
                server s1 {server.EndPoint}
            """);
        Ask(balancer, "abc");
        Assert.Equal("web servers/s1 n/n 5 -- 1/1/0/0/0 0/0", balancer.Log.NextSession().Facts);
        Assert.Equal([1L, 3, 5], new[] { "stot", "bin", "bout" }.Select(column => balancer.Count("servers", "s1", column)));
    }

    private static (int Priority, string Code) Level(SessionLine line) => (line.Priority, line.Code);

    private static IBalancer Start(Which which, ScriptedServer server, string line) => Balancer.Start(which, $"""
        listen web
            bind FRONT
            {line}
            server s1 {server.EndPoint}
        """);

    private static void Ask(IBalancer balancer, string text)
    {
        using (Peer client = balancer.Connect())
        {
            client.Send(text);
            client.ReadToAnyEnd();
        }
        // Otherwise the line of the next session may come first, from another loop.
        Until.True(() => balancer.Count("web", "FRONTEND", "scur") == 0, "the session has ended");
    }
}
