using ExchangeLb.Core.Runtime;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Checks;

/// <summary>When a server is left and when it is used again, in numbers of checks.</summary>
public sealed class CheckScheduleTests
{
    private const string Good = "HTTP/1.0 200 OK\r\n\r\n";
    private const string Bad = "HTTP/1.0 500 Oh\r\n\r\n";

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 4)]
    public void It_takes_fall_failures_to_leave_and_rise_passes_to_come_back(int fall, int rise)
    {
        using var server = new CheckedServer(Good);
        using Site site = Start(server, $"inter 10ms rise {rise} fall {fall}");
        WaitForHealth(site, rise + fall - 1);

        server.ChangeAnswer(Bad);
        Until.True(() => site.Server("web", "s1").Health == ServerHealth.Down, "the server is left");
        Assert.True(server.SinceChange >= fall, $"left after {server.SinceChange} of {fall}");
        Assert.Equal(1, site.Server("web", "s1").DownTransitions);
        site.Log.LineWith("Server web/s1 is DOWN, reason: Layer7 wrong status, code: 500");
        site.Log.LineWith("proxy web has no server available!");

        server.ChangeAnswer(Good);
        Until.True(() => site.Server("web", "s1").Health == ServerHealth.Up, "the server is used again");
        Assert.True(server.SinceChange >= rise, $"back after {server.SinceChange} of {rise}");
        site.Log.LineWith("Server web/s1 is UP, reason: Layer7 check passed, code: 200");
    }

    [Fact]
    public void A_server_in_doubt_is_checked_by_fastinter()
    {
        using var server = new CheckedServer(Good);
        using Site site = Start(server, "inter 600s fastinter 10ms rise 3 fall 3");

        // The first check passes at once and makes the server sure; were the second one 600 s away, nothing more would come.
        Until.True(() => server.Total == 1, "the first check comes");
        WaitForHealth(site, 5);
        Assert.Equal(1, server.Total);

        site.Balancer.SetServerState("web", "s1", ServerAdminState.Maintenance);
        server.ChangeAnswer(Bad);
        site.Balancer.SetServerState("web", "s1", ServerAdminState.Ready);
        Until.True(() => site.Server("web", "s1").Health == ServerHealth.Down, "a server on trial falls with its first failure");
        server.ChangeAnswer(Good);
        Assert.InRange(server.SinceChange, 0, 1);
    }

    [Fact]
    public void A_server_that_is_down_is_checked_by_downinter()
    {
        using var server = new CheckedServer(Bad);
        using Site site = Start(server, "inter 600s downinter 10ms fastinter 10ms rise 2 fall 3");
        Until.True(() => site.Server("web", "s1").Health == ServerHealth.Down, "the first failure takes it down");
        Until.True(() => server.Total > 5, "it is checked again and again");
        server.ChangeAnswer(Good);
        WaitForHealth(site, 4);
    }

    [Fact]
    public void Checks_pause_in_maintenance_and_when_they_are_turned_off()
    {
        using var server = new CheckedServer(Good);
        using var other = new CheckedServer(Good);
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                option httpchk
                timeout check 20s
                server s1 {server.EndPoint} check inter 10ms
                server s2 {other.EndPoint} check inter 10ms
            """);
        WaitForMore(server, 2);

        Assert.True(site.Balancer.SetServerChecks("web", "s1", enabled: false).Done);
        Assert.Null(site.Server("web", "s1").Check);
        AssertRests(server, other);
        Assert.True(site.Balancer.SetServerChecks("web", "s1", enabled: true).Done);
        WaitForMore(server, 2);

        site.Balancer.SetServerState("web", "s1", ServerAdminState.Maintenance);
        AssertRests(server, other);
    }

    [Fact]
    public void A_mute_server_is_left_within_fall_times_the_interval()
    {
        using var mute = new ScriptedServer(peer => peer.ReadToAnyEnd());
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                option httpchk
                server s1 {mute.EndPoint} check inter 300ms fall 2
            """);
        string line = site.Log.LineWith("Server web/s1 is DOWN");
        Assert.Contains("reason: Layer7 timeout, check duration: ", line);
    }

    [Fact]
    public void Checks_may_go_to_another_address_and_port()
    {
        using var health = new CheckedServer(Good);
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                option httpchk
                timeout check 20s
                server s1 {Addresses.FreshEndPoint()} check inter 20ms addr {health.EndPoint.Address} port {health.EndPoint.Port}
            """);
        WaitForHealth(site, 4);
    }

    private static Site Start(CheckedServer server, string words) => Site.Start($"""
        listen web
            bind FRONT
            option httpchk
            timeout check 20s
            server s1 {server.EndPoint} check {words}
        """);

    private static void WaitForHealth(Site site, int counter) =>
        Until.True(() => site.Server("web", "s1").Check?.Health == counter, $"the health counter stands at {counter}");

    /// <summary>While another server is checked many times, this one is not.</summary>
    private static void AssertRests(CheckedServer server, CheckedServer other)
    {
        WaitForMore(other, 20);     // one that was on its way has arrived
        int before = server.Total;
        WaitForMore(other, 10);
        Assert.Equal(before, server.Total);
    }

    private static void WaitForMore(CheckedServer server, int checks)
    {
        int before = server.Total;
        Until.True(() => server.Total >= before + checks, $"{checks} more checks come");
    }
}
