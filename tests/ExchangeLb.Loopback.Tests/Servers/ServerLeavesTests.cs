using ExchangeLb.Core.Runtime;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Servers;

/// <summary>What becomes of sessions when the state of their server changes.</summary>
public sealed class ServerLeavesTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void Sessions_that_connect_to_a_server_that_goes_down_move_at_once(int loops)
    {
        using var full = new FullBacklog();
        using var good = ScriptedServer.Saying("good");
        using Site site = Site.Start(
            $"""
            listen web
                bind FRONT
                timeout connect 60s
                option redispatch
                server s1 {full.EndPoint}
                server s2 {good.EndPoint}
            """,
            loops);
        using Peer client = site.Connect();
        client.Send("kept");
        full.WaitForAttempt();

        site.Balancer.SetServerState("web", "s1", ServerAdminState.Maintenance);

        Assert.Equal("good", client.ReadTextToEnd());
        client.Dispose();
        Assert.Equal("web web/s2 n/n 4 -- 1/1/0/0/+0 0/0", site.Log.NextSession().Facts);
        Assert.Equal(1, site.Count("web", "s1", "wredis"));
    }

    [Fact]
    public void Sessions_in_the_line_of_a_server_that_goes_down_move_at_once()
    {
        using var one = ScriptedServer.Greeting("1");
        using var two = ScriptedServer.Greeting("2");
        using var site = Site.Start($"""
            listen web
                bind FRONT
                timeout queue 60s
                stick-table type ip size 10 expire 1m
                stick on src
                server s1 {one.EndPoint} maxconn 1
                server s2 {two.EndPoint}
            """);
        using Peer first = site.Connect();
        Assert.Equal("1", first.ReadText(1));
        using Peer second = ((IBalancer)site).ConnectIntoLine();

        site.Balancer.SetServerState("web", "s1", ServerAdminState.Maintenance);

        Assert.Equal("2", second.ReadText(1));
        site.Log.LineWith("1 sessions active, 1 requeued, 0 remaining in queue");
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Established_sessions_stay_unless_shutdown_is_configured(int loops)
    {
        using var one = ScriptedServer.Echo();
        using var two = ScriptedServer.Echo();
        using Site site = Site.Start(
            $"""
            listen web
                bind FRONT
                server s1 {one.EndPoint}
                server s2 {two.EndPoint} on-marked-down shutdown-sessions
            """,
            loops);
        using Peer stays = site.Connect();
        Greet(stays);       // before the other comes, or another loop might let that be the first
        using Peer goes = site.Connect();
        Greet(goes);

        site.Balancer.SetServerState("web", "s1", ServerAdminState.Maintenance);
        site.Balancer.SetServerState("web", "s2", ServerAdminState.Maintenance);

        goes.ReadToAnyEnd();
        Assert.Equal("web web/s2 n/n 2 D- 2/2/1/0/0 0/0", site.Log.NextSession().Facts);
        Greet(stays);
    }

    [Fact]
    public void Sessions_on_backups_end_when_a_primary_is_back()
    {
        using var one = ScriptedServer.Echo();
        using var two = ScriptedServer.Echo();
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                server s1 {one.EndPoint} check inter 100ms rise 1 fall 1 on-marked-up shutdown-backup-sessions
                server s2 {two.EndPoint} backup
            """);
        site.Balancer.SetServerChecks("web", "s1", enabled: false);
        site.Balancer.SetServerHealth("web", "s1", ServerHealth.Down);
        using Peer client = site.Connect();
        Greet(client);

        site.Balancer.SetServerChecks("web", "s1", enabled: true);

        client.ReadToAnyEnd();
        Assert.Equal("web web/s2 n/n 2 U- 1/1/0/0/0 0/0", site.Log.NextSession().Facts);
    }

    private static void Greet(Peer client)
    {
        client.Send("hi");
        Assert.Equal("hi", client.ReadText(2));
    }
}
