using System.Linq;
using System.Net;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Checks;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Reload;

/// <summary>What a reload leaves as it is.</summary>
public sealed class WhatStaysTests
{
    private static readonly IPAddress Alice = IPAddress.Parse("127.0.0.11");

    [Theory, InlineData(1), InlineData(2)]
    public void The_same_file_changes_nothing(int loops)
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using var three = ScriptedServer.Saying("3");
        string sections = $"""
            listen web
                bind FRONT
                server s1 {one.EndPoint}
                server s2 {two.EndPoint}
                server s3 {three.EndPoint}
            """;
        using Site site = Site.Start(sections, loops);
        Assert.Equal("1", Ask(site));
        long sessions = site.Count("web", "FRONTEND", "stot");

        Assert.Empty(site.Reload(sections));

        Assert.Equal(sessions, site.Count("web", "FRONTEND", "stot"));
        Assert.Equal(1, site.Count("web", "s1", "lbtot"));
        Assert.Equal("231", Ask(site) + Ask(site) + Ask(site));     // whose turn it was
        Assert.Equal("addresses: 0 opened, 0 closed; servers: 0 new, 0 gone", site.Balancer.Snapshot().Process.LastReload!.Result);
    }

    [Fact]
    public void A_session_ends_with_the_configuration_that_it_began_with()
    {
        using var server = ScriptedServer.Echo();
        static string Sections(ScriptedServer server, string timeout, string backend) => $"""
            frontend web
                bind FRONT
                timeout client {timeout}
                default_backend {backend}
            backend {backend}
                server s1 {server.EndPoint}
            """;
        using Site site = Site.Start(Sections(server, "30s", "old"));
        using Peer before = site.Connect();
        Greet(before);

        Assert.Empty(site.Reload(Sections(server, "1s", "new")));
        using Peer after = site.Connect();
        Greet(after);

        after.ReadToAnyEnd();
        Assert.Equal("web new/s1 n/n 2 cD 2/2/0/0/0 0/0", site.Log.NextSession().Facts);
        Greet(before);
        before.Finish();
        before.ReadToEnd();
        Assert.Equal("web old/s1 n/n 4 -- 1/1/0/0/0 0/0", site.Log.NextSession().Facts);
    }

    [Fact]
    public void Orders_about_servers_stay_until_the_file_says_something_else_about_the_same()
    {
        using var server = ScriptedServer.Saying("1");
        string Sections(string first, string second) => $"""
            listen web
                bind FRONT
                server s1 {server.EndPoint} {first}
                server s2 {server.EndPoint} {second}
            """;
        using Site site = Site.Start(Sections("weight 10", "weight 10"));
        site.Balancer.SetServerState("web", "s1", ServerAdminState.Drain);
        site.Balancer.SetServerWeight("web", "s1", 77, percent: false);
        site.Balancer.SetServerWeight("web", "s2", 88, percent: false);

        Assert.Empty(site.Reload(Sections("weight 10 maxconn 5", "weight 20")));

        Assert.Equal((ServerAdminState.Drain, 77), (site.Server("web", "s1").Admin, site.Server("web", "s1").Weight));
        Assert.Equal((20, 20), (site.Server("web", "s2").Weight, site.Server("web", "s2").InitialWeight));
        Assert.Empty(site.Reload(Sections("weight 10 disabled", "weight 20")));
        Assert.Equal(ServerAdminState.Maintenance, site.Server("web", "s1").Admin);
        Assert.Empty(site.Reload(Sections("weight 10", "weight 20")));
        Assert.Equal(ServerAdminState.Ready, site.Server("web", "s1").Admin);
    }

    [Fact]
    public void A_server_that_checks_took_down_stays_down_and_is_not_checked_anew()
    {
        using var server = new CheckedServer("HTTP/1.0 500 no\r\n\r\n");
        string Sections(string more) => $"""
            listen web
                bind FRONT
                option httpchk
                server s1 {server.EndPoint} check inter 200ms fall 2 rise 2 {more}
            """;
        using Site site = Site.Start(Sections("downinter 1h"));
        Until.True(() => site.Server("web", "s1").Health == ServerHealth.Down, "the server is down");
        int checks = server.Total;
        ServerSnapshot before = site.Server("web", "s1");

        Assert.Empty(site.Reload(Sections("downinter 1h weight 5")));

        ServerSnapshot after = site.Server("web", "s1");
        Assert.Equal(ServerHealth.Down, after.Health);
        Assert.Equal((before.CheckFailures, before.DownTransitions, before.Check!.Result), (after.CheckFailures, after.DownTransitions, after.Check!.Result));
        Assert.Equal(checks, server.Total);
        server.ChangeAnswer("HTTP/1.0 200 yes\r\n\r\n");
        Assert.Empty(site.Reload(Sections("downinter 50ms fastinter 50ms weight 5")));      // and what is said of checks takes effect
        Until.True(() => site.Server("web", "s1").Health == ServerHealth.Up, "the server is up");
    }

    [Theory, InlineData("size 1000 expire 10m", "size 1000 expire 10m"), InlineData("size 1000", "size 50 expire 1h"), InlineData("size 20", "size 2m nopurge")]
    public void Clients_stick_to_the_server_of_the_same_name(string before, string after)
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using var three = ScriptedServer.Saying("3");
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                stick-table type ip {before}
                stick on src
                server gone {one.EndPoint}
                server s2 {two.EndPoint}
            """);
        IPAddress bob = IPAddress.Parse("127.0.0.12");
        Assert.Equal("1", Ask(site, Alice));
        Assert.Equal("2", Ask(site, bob));

        Assert.Empty(site.Reload($"""
            listen web
                bind FRONT
                stick-table type ip {after}
                stick on src
                server s2 {two.EndPoint}
                server s3 {three.EndPoint}
            """));

        Assert.Equal(bob, site.Balancer.ReadStickTable("web")!.Entries.Single().Key);     // the other one's server is gone, its id another's
        Assert.Equal("222", Ask(site, bob) + Ask(site, bob) + Ask(site, bob));
        Assert.Equal(["web"], site.Balancer.Replicated.Content.Tables.Select(table => table.Name));
    }

    [Fact]
    public void A_table_that_is_not_changed_stays_the_same_object()
    {
        const string Sections = """
            listen web
                bind FRONT
                stick-table type ip size 10
                stick on src
                server s1 127.0.0.1:1
            """;
        using Site site = Site.Start(Sections);
        var table = site.Balancer.Replicated.Content.Tables.Single().Table;
        Assert.Empty(site.Reload("# another line\n" + Sections + "\n    server s2 127.0.0.1:2"));
        Assert.Same(table, site.Balancer.Replicated.Content.Tables.Single().Table);
    }

    [Fact]
    public void Numbers_of_the_process_never_go_back()
    {
        using var server = ScriptedServer.Saying("1");
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                server s1 {server.EndPoint}
            """);
        Ask(site);
        Until.True(() => site.Balancer.Snapshot().Process.CurrentConnections == 0, "the session is over");
        ProcessSnapshot before = site.Balancer.Snapshot().Process;

        Assert.Empty(site.Reload($"""
            listen renamed
                bind FRONT
                server s1 {server.EndPoint}
            """));
        Ask(site);

        Until.True(() => site.Balancer.Snapshot().Process.CurrentConnections == 0, "the session is over");
        ProcessSnapshot after = site.Balancer.Snapshot().Process;
        Assert.Equal((before.TotalConnections + 1, before.BytesOutTotal * 2), (after.TotalConnections, after.BytesOutTotal));
        Assert.True(after.Uptime >= before.Uptime);
        site.Log.LineWith("Proxy web stopped (cumulated conns: FE: 1, BE: 1).");
    }

    private static void Greet(Peer client)
    {
        client.Send("hi");
        Assert.Equal("hi", client.ReadText(2));
    }

    private static string Ask(Site site, IPAddress? from = null)
    {
        using Peer client = site.Connect(from);
        return client.ReadTextToEnd();
    }
}
