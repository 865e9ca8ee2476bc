using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Servers;

/// <summary>Which server a client gets.</summary>
public sealed class BalancingTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void Round_robin_alternates_over_all_loops(int loops)
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two, loops: loops);
        string seen = string.Concat(Enumerable.Range(0, 10).Select(_ => Ask(site)));
        Assert.Equal("1212121212", seen);
    }

    [Fact]
    public void Weights_set_the_shares_also_at_run_time()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two, "weight 3", "weight 1");
        Assert.Equal((6, 2), Shares(site, 8));

        Assert.True(site.Balancer.SetServerWeight("web", "s1", 100, percent: true).Done);
        Assert.True(site.Balancer.SetServerWeight("web", "s2", 3, percent: false).Done);
        Assert.Equal((6, 6), Shares(site, 12));

        Assert.True(site.Balancer.SetServerWeight("web", "s2", 0, percent: false).Done);
        Assert.Equal((8, 0), Shares(site, 8));
    }

    [Fact]
    public void Backups_serve_only_when_nobody_else_does_and_the_first_one_alone()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using var three = ScriptedServer.Saying("3");
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                server s1 {one.EndPoint}
                server s2 {two.EndPoint} backup
                server s3 {three.EndPoint} backup
            """);
        Assert.Equal("111", Ask(site) + Ask(site) + Ask(site));
        site.Balancer.SetServerState("web", "s1", ServerAdminState.Maintenance);
        Assert.Equal("222", Ask(site) + Ask(site) + Ask(site));
        site.Balancer.SetServerState("web", "s2", ServerAdminState.Maintenance);
        Assert.Equal("3", Ask(site));
        site.Balancer.SetServerState("web", "s1", ServerAdminState.Ready);
        Assert.Equal("1", Ask(site));
    }

    [Fact]
    public void All_backups_share_when_so_configured()
    {
        using var two = ScriptedServer.Saying("2");
        using var three = ScriptedServer.Saying("3");
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                option allbackups
                server s1 {Addresses.FreshEndPoint()} disabled
                server s2 {two.EndPoint} backup
                server s3 {three.EndPoint} backup
            """);
        Assert.Equal("2323", Ask(site) + Ask(site) + Ask(site) + Ask(site));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Least_connections_prefers_the_idle_server(int loops)
    {
        using var one = ScriptedServer.Greeting("1");
        using var two = ScriptedServer.Greeting("2");
        using Site site = Start(one, two, balance: "leastconn", loops: loops);
        using Peer first = site.Connect();
        Assert.Equal("1", first.ReadText(1));
        using Peer second = site.Connect();
        Assert.Equal("2", second.ReadText(1));
        second.Dispose();
        Until.True(() => site.Count("web", "s2", "scur") == 0, "the second session has ended");
        using Peer third = site.Connect();
        Assert.Equal("2", third.ReadText(1));
    }

    [Fact]
    public void First_fills_one_server_before_the_next()
    {
        using var one = ScriptedServer.Greeting("1");
        using var two = ScriptedServer.Greeting("2");
        using Site site = Start(one, two, "maxconn 2", "maxconn 2", balance: "first");
        var held = new List<Peer>();
        string seen = "";
        for (int i = 0; i < 4; i++)
        {
            held.Add(site.Connect());
            seen += held[^1].ReadText(1);
        }
        Assert.Equal("1122", seen);
        held.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public void Source_keeps_a_client_at_its_server_and_spreads_clients()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Start(one, two, balance: "source");
        var seen = new HashSet<string>();
        for (byte host = 1; host <= 8; host++)
        {
            var from = new IPAddress([127, 0, 0, host]);
            string first = Ask(site, from);
            Assert.Equal(first, Ask(site, from));
            seen.Add(first);
        }
        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public void A_server_without_port_gets_the_port_that_the_client_came_to()
    {
        IPEndPoint front = Addresses.FreshEndPoint();
        using var same = ScriptedServerAt("same", front.Port);
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                server s1 {same.EndPoint.Address}
            """, front: front);
        Assert.Equal("same", Ask(site));
    }

    [Fact]
    public void A_port_offset_is_added_to_it()
    {
        using var shifted = ScriptedServer.Saying("shifted");
        var front = new IPEndPoint(Addresses.Fresh(), shifted.EndPoint.Port - 1000);
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                server s1 {shifted.EndPoint.Address}:+1000
            """, front: front);
        Assert.Equal("shifted", Ask(site));
    }

    [Fact]
    public void Source_address_and_port_of_a_server_line_are_used()
    {
        using var server = new ScriptedServer();
        IPEndPoint source = Addresses.FreshEndPoint();
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                server s1 {server.EndPoint} source {source}
                server s2 {server.EndPoint} source {source.Address}
            """);
        using Peer first = site.Connect();
        using Peer firstPeer = server.Accept();
        using Peer second = site.Connect();
        using Peer secondPeer = server.Accept();
        Assert.Equal(source, firstPeer.Remote);
        Assert.Equal(source.Address, secondPeer.Remote.Address);
    }

    [Fact]
    public void Rules_choose_the_backend_by_address_and_port()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Site.Start($"""
            frontend web
                bind FRONT
                acl special src 127.0.0.7
                use_backend b2 if special
                default_backend b1
            backend b1
                server s1 {one.EndPoint}
            backend b2
                server s2 {two.EndPoint}
            """);
        Assert.Equal("1", Ask(site));
        Assert.Equal("2", Ask(site, IPAddress.Parse("127.0.0.7")));
        site.Log.NextSession();
        Assert.Equal("web b2/s2 n/n 1 -- 1/1/0/0/0 0/0", site.Log.NextSession().Facts);
    }

    private static ScriptedServer ScriptedServerAt(string name, int port) => new(
        peer =>
        {
            peer.Send(name);
            peer.Finish();
            peer.ReadToAnyEnd();
        },
        new IPEndPoint(Addresses.Fresh(), port));

    private static Site Start(
        ScriptedServer one, ScriptedServer two, string firstWords = "", string secondWords = "", string balance = "roundrobin", int loops = 1) =>
        Site.Start(
            $"""
            listen web
                bind FRONT
                balance {balance}
                server s1 {one.EndPoint} {firstWords}
                server s2 {two.EndPoint} {secondWords}
            """,
            loops);

    private static string Ask(Site site, IPAddress? from = null)
    {
        using Peer client = site.Connect(from);
        return client.ReadTextToEnd();
    }

    private static (int One, int Two) Shares(Site site, int count)
    {
        string[] answers = [.. Enumerable.Range(0, count).Select(_ => Ask(site))];
        return (answers.Count(answer => answer == "1"), answers.Count(answer => answer == "2"));
    }
}
