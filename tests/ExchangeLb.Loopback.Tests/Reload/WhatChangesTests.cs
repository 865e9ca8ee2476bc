using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Checks;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Reload;

/// <summary>What a reload brings about.</summary>
public sealed class WhatChangesTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void Addresses_come_and_go(int loops)
    {
        using var server = ScriptedServer.Saying("1");
        IPEndPoint second = Addresses.FreshEndPoint();
        string One = $"""
            listen web
                bind FRONT
                server s1 {server.EndPoint}
            """;
        string two = One.Replace("bind FRONT", $"bind FRONT\n    bind {second}", StringComparison.Ordinal);
        using Site site = Site.Start(One, loops);
        Assert.Throws<SocketException>(() => Peer.Connect(second));

        Assert.Empty(site.Reload(two));
        Assert.Equal("1", Ask(second));

        Assert.Empty(site.Reload(One));
        Until.True(() => Refuses(second), "the address is given up");
        Assert.Equal("1", Ask(site.Front));
    }

    [Fact]
    public void Who_waits_in_the_queue_of_an_address_that_goes_is_served_first()
    {
        using var server = ScriptedServer.Greeting("hello");
        IPEndPoint second = Addresses.FreshEndPoint();
        string Sections(string bind) => $"""
            frontend web
                bind {bind}
                maxconn 1
                default_backend servers
            backend servers
                server s1 {server.EndPoint}
            """;
        using Site site = Site.Start(Sections("FRONT"));
        using Peer first = site.Connect();
        first.ReadText(5);
        using Peer queued = site.Connect();
        using Peer alsoQueued = site.Connect();

        Assert.Empty(site.Reload(Sections(second.ToString())));
        first.Dispose();

        Assert.Equal("hello", queued.ReadText(5));
        queued.Dispose();
        Assert.Equal("hello", alsoQueued.ReadText(5));
        alsoQueued.Dispose();
        Until.True(() => Refuses(site.Front), "the address is given up");
        using Peer now = Peer.Connect(second);
        Assert.Equal("hello", now.ReadText(5));
    }

    [Fact]
    public void Who_stands_in_line_at_a_server_that_goes_moves_on()
    {
        using var one = ScriptedServer.Greeting("1");
        using var two = ScriptedServer.Greeting("2");
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                stick-table type ip size 10
                stick on src
                server s1 {one.EndPoint} maxconn 1
            """);
        using Peer first = site.Connect();
        first.ReadText(1);
        using Peer waits = ((IBalancer)site).ConnectIntoLine();

        Assert.Empty(site.Reload($"""
            listen web
                bind FRONT
                stick-table type ip size 10
                stick on src
                server s2 {two.EndPoint} maxconn 1
            """));

        Assert.Equal("2", waits.ReadText(1));
        Assert.False(first.Socket.Poll(0, SelectMode.SelectRead), "the one who has the old server keeps it");
        Assert.Equal(0, site.Waiting("web"));
        waits.Dispose();
        Until.True(() => site.Count("web", "s2", "scur") == 0, "the place is given back");
        first.Dispose();
        using Peer later = site.Connect();
        Assert.Equal("2", later.ReadText(1));
    }

    [Fact]
    public void The_limit_of_a_server_holds_for_sessions_of_both_configurations()
    {
        using var server = ScriptedServer.Greeting("1");
        string Sections(int maxConn) => $"""
            listen web
                bind FRONT
                server s1 {server.EndPoint} maxconn {maxConn}
            """;
        using Site site = Site.Start(Sections(2));
        using Peer first = Greeted(site);
        using Peer second = Greeted(site);

        Assert.Empty(site.Reload(Sections(1)));
        using Peer waits = ((IBalancer)site).ConnectIntoLine();
        first.Dispose();
        Until.True(() => site.Count("web", "s1", "scur") == 1, "one has left");
        Assert.Equal(1, site.Waiting("web"));
        second.Dispose();

        Assert.Equal("1", waits.ReadText(1));
    }

    [Fact]
    public void A_wider_limit_lets_those_in_who_wait()
    {
        using var server = ScriptedServer.Greeting("1");
        string Sections(int maxConn) => $"""
            listen web
                bind FRONT
                maxconn {maxConn}
                server s1 {server.EndPoint}
            """;
        using Site site = Site.Start(Sections(1));
        using Peer first = Greeted(site);
        using Peer waits = site.Connect();

        Assert.Empty(site.Reload(Sections(2)));

        Assert.Equal("1", waits.ReadText(1));
        Assert.Equal(2, site.Proxy("web").Frontend!.SessionLimit);
    }

    [Fact]
    public void A_server_at_another_address_is_a_new_server_and_the_old_one_ends_its_sessions()
    {
        using var one = ScriptedServer.Greeting("1");
        using var two = ScriptedServer.Greeting("2");
        string Sections(ScriptedServer server) => $"""
            listen web
                bind FRONT
                server s1 {server.EndPoint}
            """;
        using Site site = Site.Start(Sections(one));
        using Peer first = Greeted(site);

        Assert.Empty(site.Reload(Sections(two)));

        using Peer second = site.Connect();
        Assert.Equal("2", second.ReadText(1));
        Assert.Equal((1, 1), (site.Count("web", "s1", "stot"), site.Count("web", "s1", "scur")));
        first.Dispose();
        Assert.Equal("web web/s1 n/n 1 -- 2/2/1/0/0 0/0", site.Log.NextSession().Facts);
    }

    [Fact]
    public void Checks_begin_and_end_with_their_keyword()
    {
        using var server = new CheckedServer("HTTP/1.0 500 no\r\n\r\n");
        using var other = new CheckedServer("HTTP/1.0 500 no\r\n\r\n");
        string Sections(string check, string second) => $"""
            listen web
                bind FRONT
                option httpchk
                server s1 {server.EndPoint} {check}
                {second}
            """;
        using Site site = Site.Start(Sections("", ""));
        Assert.Equal(ServerHealth.NotChecked, site.Server("web", "s1").Health);

        Assert.Empty(site.Reload(Sections("check inter 50ms fall 1", $"server s2 {other.EndPoint} check inter 50ms fall 1")));
        Until.True(() => site.Server("web", "s1").Health == ServerHealth.Down, "the server is down");
        Until.True(() => site.Server("web", "s2").Health == ServerHealth.Down, "the new one too");
        Assert.Equal(0, site.Proxy("web").Backend!.ActiveServers);

        Assert.Empty(site.Reload(Sections("", "")));
        Assert.Equal(ServerHealth.NotChecked, site.Server("web", "s1").Health);
        Assert.Equal(1, site.Proxy("web").Backend!.ActiveServers);
        Assert.True(site.Proxy("web").Backend!.Up);
    }

    [Fact]
    public void Lines_go_where_the_new_file_says_and_those_of_older_sessions_where_the_old_one_said()
    {
        using var server = ScriptedServer.Greeting("1");
        using var collector = new LogCollector();
        string Sections(string log) => $"""
            listen web
                bind FRONT
                {log}
                server s1 {server.EndPoint}
            """;
        using Site site = Site.Start(Sections(""));
        using Peer before = Greeted(site);
        Assert.Empty(site.Reload(Sections($"no log\n    log {collector.EndPoint} local0\n    option dontlognull"), "log-tag balancer"));
        using Peer after = site.Connect();
        after.Send("not null");
        after.ReadText(1);

        after.Dispose();
        Assert.Contains(" balancer[", collector.LineWith("web/s1"));
        before.Dispose();
        Assert.Equal("web web/s1 n/n 1 -- 1/1/0/0/0 0/0", site.Log.NextSession().Facts);
        Assert.DoesNotContain(site.Log.Lines, line => line.Contains("balancer[", StringComparison.Ordinal) && line.Contains("s1", StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_ask_the_new_backends()
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using Site site = Site.Start($$"""
            frontend web
                bind FRONT
                use_backend second if { nbsrv(first) lt 1 }
                default_backend first
            backend first
                server s1 {{one.EndPoint}}
            backend second
                server s1 {{two.EndPoint}}
            """);
        Assert.Equal("1", Ask(site.Front));
        Assert.Empty(site.Reload($$"""
            backend new
                server s0 {{one.EndPoint}}
            frontend web
                bind FRONT
                use_backend second if { nbsrv(first) lt 1 }
                default_backend first
            backend second
                server s1 {{two.EndPoint}}
            backend first
                server s1 {{one.EndPoint}}
            """));
        Assert.Equal("1", Ask(site.Front));

        site.Balancer.SetServerState("first", "s1", ServerAdminState.Maintenance);

        Assert.Equal("2", Ask(site.Front));
    }

    [Fact]
    public async Task A_reloaded_balancer_stops_like_any_other()
    {
        using var server = ScriptedServer.Greeting("1");
        IPEndPoint second = Addresses.FreshEndPoint();
        string Sections(string bind) => $"""
            listen web
                bind FRONT
                {bind}
                server s1 {server.EndPoint}
            """;
        using Site site = Site.Start(Sections(""), loops: 2);
        using Peer before = Greeted(site);
        Assert.Empty(site.Reload(Sections($"bind {second}")));
        using Peer after = Peer.Connect(second);
        after.ReadText(1);

        site.Balancer.StopSoftly();

        Until.True(() => Refuses(site.Front) && Refuses(second), "new clients are refused");
        Diagnostic refused = Assert.Single(site.Reload(Sections("")));
        Assert.Equal(Severity.Alert, refused.Severity);
        before.Dispose();
        after.Dispose();
        await site.Balancer.Completion.WaitAsync(Until.Patience);
    }

    private static Peer Greeted(Site site)
    {
        Peer client = site.Connect();
        Assert.Equal("1", client.ReadText(1));
        return client;
    }

    private static string Ask(IPEndPoint at)
    {
        using Peer client = Peer.Connect(at);
        return client.ReadTextToEnd();
    }

    /// <summary>A connection that was in the listener's queue when it closed is reset, not refused: then the next attempt tells.</summary>
    private static bool Refuses(IPEndPoint at)
    {
        try
        {
            using Peer client = Peer.Connect(at);
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
}
