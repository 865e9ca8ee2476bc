using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using ExchangeLb.Core.Text;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Reload;

/// <summary>A reload that cannot be: all stays as it was. And what only a restart can change.</summary>
public sealed class RefusedReloadTests
{
    [Theory, InlineData(1), InlineData(2)]
    public void An_address_that_cannot_be_had_changes_nothing(int loops)
    {
        using var server = ScriptedServer.Saying("1");
        using var taken = new ScriptedServer();
        IPEndPoint free = Addresses.FreshEndPoint();
        string sections = $"""
            listen web
                bind FRONT
                server s1 {server.EndPoint}
            """;
        using Site site = Site.Start(sections, loops);
        Assert.Equal("1", Ask(site));

        Diagnostic refused = Assert.Single(site.Reload($"""
            listen other
                bind {free}
                bind {taken.EndPoint}
                server s2 {server.EndPoint}
            """));

        Assert.Equal(Severity.Alert, refused.Severity);
        Assert.Contains("another program listens there", refused.Message);
        Assert.Throws<SocketException>(() => Peer.Connect(free));
        Assert.Equal("1", Ask(site));
        Assert.Equal(2, site.Count("web", "s1", "stot"));
        var process = site.Balancer.Snapshot().Process;
        Assert.Equal((0L, false, refused.Message), (process.ReloadsTotal, process.LastReload!.Done, process.LastReload.Result));
        Assert.Empty(site.Reload(sections));
        Assert.True(site.Balancer.Snapshot().Process.LastReload!.Done);
    }

    [Fact]
    public void A_descriptor_of_the_parent_can_only_be_taken_at_the_start()
    {
        using Site site = Site.Start("listen web\n    bind FRONT\n");
        Diagnostic refused = Assert.Single(site.Reload("listen web\n    bind FRONT\n    bind fd@7\n"));
        Assert.Contains("only be taken at the start", refused.Message);
    }

    [Fact]
    public void What_needs_a_restart_is_named_and_the_rest_takes_effect()
    {
        const string Sections = "listen web\n    bind FRONT\n";
        using Site site = Site.Start(Sections, global: "nbthread 1");

        Diagnostic warning = Assert.Single(site.Reload(Sections, global: "nbthread 2\n    maxconn 321\n    node other"));

        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Contains("'nbthread' needs a restart", warning.Message);
        var process = site.Balancer.Snapshot().Process;
        Assert.Equal((1, 321, "other"), (process.ThreadCount, process.MaxConn, process.Node));
        Assert.Equal(321, site.Proxy("web").Frontend!.SessionLimit);
    }

    [Fact]
    public async Task Reloads_at_the_same_time_come_one_after_the_other()
    {
        using var server = ScriptedServer.Saying("1");
        using Site site = Site.Start("listen web\n    bind FRONT\n", loops: 2);
        var second = new IPEndPoint(Addresses.Fresh(), 8080);
        var reloads = new Task[20];
        for (int i = 0; i < reloads.Length; i++)
        {
            string bind = i % 2 == 0 ? $"bind {second}" : "";
            reloads[i] = Task.Run(() => Assert.Empty(site.Reload($"listen web\n    bind FRONT\n    {bind}\n    server s1 {server.EndPoint}")));
        }
        await Task.WhenAll(reloads);
        Assert.Equal(reloads.Length, site.Balancer.Snapshot().Process.ReloadsTotal);
        Assert.Equal("1", Ask(site));
    }

    private static string Ask(Site site)
    {
        using Peer client = site.Connect();
        return client.ReadTextToEnd();
    }
}
