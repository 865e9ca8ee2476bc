using System.Linq;
using System.Net;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Servers;

/// <summary>Clients stay where they were, as long as that serves.</summary>
public sealed class StickinessTests
{
    private static readonly IPAddress Alice = IPAddress.Parse("127.0.0.11");
    private static readonly IPAddress Bob = IPAddress.Parse("127.0.0.12");

    [Theory, InlineData(1), InlineData(2)]
    public void Every_client_stays_at_its_server(int loops)
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two, loops);
        Assert.Equal("1", Ask(site, Alice));
        Assert.Equal("2", Ask(site, Bob));
        Assert.Equal("1121", Ask(site, Alice) + Ask(site, Alice) + Ask(site, Bob) + Ask(site, Alice));
    }

    [Fact]
    public void An_entry_that_points_to_a_dead_server_is_rewritten_for_good()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two);
        Assert.Equal("1", Ask(site, Alice));

        site.Balancer.SetServerState("web", "s1", ServerAdminState.Maintenance);
        Assert.Equal("2", Ask(site, Alice));
        site.Balancer.SetServerState("web", "s1", ServerAdminState.Ready);

        Assert.Equal("2", Ask(site, Alice));
        StickEntrySnapshot entry = site.Balancer.ReadStickTable("web")!.Entries.Single();
        Assert.Equal((Alice, "s2"), (entry.Key, entry.ServerName));
        Assert.Equal((Alice, "s2"), (site.Balancer.FindStickEntry("web", Alice)?.Key, site.Balancer.FindStickEntry("web", Alice)?.ServerName));
        Assert.Null(site.Balancer.FindStickEntry("web", Bob));
    }

    [Fact]
    public void A_drained_server_keeps_its_clients_and_gets_no_others()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two);
        Assert.Equal("1", Ask(site, Alice));

        site.Balancer.SetServerState("web", "s1", ServerAdminState.Drain);

        Assert.Equal("1", Ask(site, Alice));
        Assert.Equal("22", Ask(site, Bob) + Ask(site, IPAddress.Parse("127.0.0.13")));
    }

    [Fact]
    public void Weight_0_keeps_stuck_clients_too()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two);
        Assert.Equal("1", Ask(site, Alice));
        site.Balancer.SetServerWeight("web", "s1", 0, percent: false);
        Assert.Equal("1", Ask(site, Alice));
        Assert.Equal("2", Ask(site, Bob));
    }

    [Fact]
    public void A_client_whose_server_has_a_full_line_goes_elsewhere()
    {
        using var one = ScriptedServer.Greeting("1");
        using var two = ScriptedServer.Greeting("2");
        using IBalancer site = Site.Start($"""
            listen web
                bind FRONT
                timeout queue 20s
                stick-table type ip size 10 expire 1m
                stick on src
                server s1 {one.EndPoint} maxconn 1 maxqueue 1
                server s2 {two.EndPoint}
            """);
        using Peer first = site.Connect();
        Assert.Equal("1", first.ReadText(1));
        using Peer second = site.ConnectIntoLine();

        using Peer third = site.Connect();

        Assert.Equal("2", third.ReadText(1));
    }

    [Fact]
    public void Cleared_entries_are_forgotten()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two);
        Assert.Equal("1", Ask(site, Alice));
        Assert.True(site.Balancer.ClearStickTable("web", Alice, 0).Done);
        Assert.Equal("2", Ask(site, Alice));
    }

    private static Site Start(ScriptedServer one, ScriptedServer two, int loops = 1) => Site.Start(
        $"""
        listen web
            bind FRONT
            stick-table type ip size 100 expire 1m
            stick on src
            server s1 {one.EndPoint}
            server s2 {two.EndPoint}
        """,
        loops);

    private static string Ask(Site site, IPAddress from)
    {
        using Peer client = site.Connect(from);
        return client.ReadTextToEnd();
    }
}
