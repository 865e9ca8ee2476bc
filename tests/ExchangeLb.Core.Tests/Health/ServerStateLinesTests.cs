using System.Net;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

/// <summary>Each line as HAProxy 2.6.12 sent it to a syslog sink, levels included.</summary>
public sealed class ServerStateLinesTests
{
    private static readonly ServerStateLoad NoLoad = new(0, 0, 0);

    [Theory]
    [InlineData(
        CheckResult.ConnectError, 0, "Connection refused", 0, 1, 0,
        "Server tls/s1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. " +
        "1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.")]
    [InlineData(
        CheckResult.TlsBadResponse, 0, "", 0, 0, 1,
        "Server tls/s1 is DOWN, reason: Layer6 invalid response, check duration: 0ms. " +
        "0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.")]
    [InlineData(
        CheckResult.HttpBadStatus, 503, "Service Unavailable", 3, 0, 0,
        "Server tls/s1 is DOWN, reason: Layer7 wrong status, code: 503, info: \"Service Unavailable\", check duration: 3ms. " +
        "0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.")]
    public void A_server_that_went_down(CheckResult result, int code, string info, int duration, int active, int backup, string line)
    {
        ServerStateLines lines = new(Backend("tls"), Server("s1"));

        StateLine said = lines.WentDown(new CheckReport(result, code, info, duration), new UsableServers(active, backup), NoLoad);

        Assert.Equal(new StateLine(LogLevel.Alert, line), said);
    }

    [Fact]
    public void A_backup_server_that_went_down_and_came_up()
    {
        ServerStateLines lines = new(Backend("tls"), Server("s2", backup: true));

        Assert.Equal(
            Alert(
                "Backup Server tls/s2 is DOWN, reason: Layer6 timeout, check duration: 702ms. " +
                "0 active and 0 backup servers left. 1 sessions active, 2 requeued, 3 remaining in queue."),
            lines.WentDown(new CheckReport(CheckResult.TlsTimeout, 0, "", 702), default, new ServerStateLoad(1, 2, 3)));
        Assert.Equal(
            Notice(
                "Backup Server tls/s2 is UP, reason: Layer6 check passed, check duration: 0ms. " +
                "0 active and 1 backup servers online. Running on backup. 2 sessions requeued, 3 total in queue."),
            lines.CameUp(new CheckReport(CheckResult.TlsOk, 0, "", 0), new UsableServers(0, 1), new ServerStateLoad(1, 2, 3)));
    }

    [Fact]
    public void With_log_health_checks_the_reason_is_in_the_line_of_the_check()
    {
        BackendModel backend = Backend("http") with { LogHealthChecks = true };
        ServerModel server = Server("h1");
        ServerStateLines lines = new(backend, server);
        ServerHealthState health = new(server);
        CheckReport failed = new(CheckResult.HttpBadStatus, 503, "Service Unavailable", 0);

        health.ForceUp();
        health.Observe(false);
        Assert.Equal(
            Notice(
                "Health check for server http/h1 failed, reason: Layer7 wrong status, code: 503, info: \"Service Unavailable\", " +
                "check duration: 0ms, status: 2/3 UP."),
            lines.Check(failed, health, weight: 1));
        Assert.Equal(
            Alert(
                "Server http/h1 is DOWN. 0 active and 0 backup servers left. " +
                "0 sessions active, 0 requeued, 0 remaining in queue."),
            lines.WentDown(failed, default, NoLoad));
        Assert.Equal(
            Notice("Server http/h1 is UP. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue."),
            lines.CameUp(new CheckReport(CheckResult.HttpOk, 200, "", 0), new UsableServers(1, 0), NoLoad));
    }

    [Fact]
    public void The_check_of_a_backup_server_and_of_one_without_weight()
    {
        ServerModel backup = Server("b", backup: true);
        ServerModel drained = Server("a");
        ServerHealthState down = new(backup);
        ServerHealthState up = new(drained);
        down.ForceDown();
        up.ForceUp();

        Assert.Equal(
            Notice(
                "Health check for backup server bk/b failed, reason: Layer4 connection problem, info: \"Connection refused\", " +
                "check duration: 0ms, status: 0/2 DOWN."),
            new ServerStateLines(Backend("bk"), backup)
                .Check(new CheckReport(CheckResult.ConnectError, 0, "Connection refused", 0), down, weight: 1));
        Assert.Equal(
            Notice("Health check for server bk/a succeeded, reason: Layer4 check passed, check duration: 0ms, status: 3/3 DRAIN."),
            new ServerStateLines(Backend("bk"), drained).Check(new CheckReport(CheckResult.ConnectOk, 0, "", 0), up, weight: 0));
    }

    [Fact]
    public void What_the_administrator_did()
    {
        ServerStateLines lines = new(Backend("tcp"), Server("t1"));
        UsableServers none = new(0, 0);
        UsableServers one = new(1, 0);

        Assert.Equal(
            Alert(
                "Server tcp/t1 is going DOWN for maintenance. 0 active and 0 backup servers left. " +
                "0 sessions active, 0 requeued, 0 remaining in queue."),
            lines.GoesIntoMaintenance(none, NoLoad));
        Assert.Equal(Notice("Server tcp/t1 was DOWN and now enters maintenance."), lines.EntersMaintenanceWhenDown());
        Assert.Equal(Notice("Server tcp/t1 is UP/READY (leaving forced maintenance)."), lines.LeavesMaintenance());
        Assert.Equal(Notice("Server tcp/t1 is UP/DRAIN (leaving forced maintenance)."), lines.LeavesMaintenanceForDrain());
        Assert.Equal(Notice("Server tcp/t1 remains in forced drain mode."), lines.RemainsInDrain());
        Assert.Equal(
            Notice("Server tcp/t1 enters drain state. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue."),
            lines.EntersDrain(isUp: true, none, NoLoad));
        Assert.Equal(
            Notice(
                "Server tcp/t1 enters drain state. 1 active and 0 backup servers left. " +
                "0 sessions active, 0 requeued, 0 remaining in queue."),
            lines.EntersDrain(isUp: false, one, NoLoad));
        Assert.Equal(Notice("Server tcp/t1 is UP (leaving forced drain)."), lines.LeavesDrain(isUp: true));
        Assert.Equal(Notice("Server tcp/t1 is DOWN (leaving forced drain)."), lines.LeavesDrain(isUp: false));
        Assert.Equal(
            Alert(
                "Server tcp/t1 is DOWN, changed from CLI. 0 active and 0 backup servers left. " +
                "0 sessions active, 0 requeued, 0 remaining in queue."),
            lines.ForcedDown(none, NoLoad));
        Assert.Equal(
            Notice("Server tcp/t1 is UP, changed from CLI. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue."),
            lines.ForcedUp(one, NoLoad));
    }

    [Fact]
    public void A_proxy_without_servers_is_an_emergency() =>
        Assert.Equal(new StateLine(LogLevel.Emerg, "proxy tcp has no server available!"), BackendStateLines.NoServerAvailable("tcp"));

    private static StateLine Alert(string text) => new(LogLevel.Alert, text);

    private static StateLine Notice(string text) => new(LogLevel.Notice, text);

    private static BackendModel Backend(string name) => new(1, name);

    private static ServerModel Server(string name, bool backup = false) => new(1, name, IPAddress.Loopback, default) { Backup = backup };
}
