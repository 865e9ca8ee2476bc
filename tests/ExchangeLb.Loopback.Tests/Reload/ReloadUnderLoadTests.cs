using System.Globalization;
using System.Net;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Reload;

/// <summary>The promise: whoever uses the balancer does not notice a reload, however often one comes.</summary>
public sealed class ReloadUnderLoadTests
{
    private const int Reloads = 40;
    private static readonly IPAddress Alice = IPAddress.Parse("127.0.0.11");
    private static readonly IPAddress Bob = IPAddress.Parse("127.0.0.12");
    private static readonly IPAddress Carol = IPAddress.Parse("127.0.0.13");

    [Theory, InlineData(1), InlineData(2)]
    public void Nobody_is_refused_or_cut_off_and_nothing_is_forgotten(int loops)
    {
        using var one = ScriptedServer.Saying("1");
        using var two = ScriptedServer.Saying("2");
        using var three = ScriptedServer.Saying("3");
        using var echo = ScriptedServer.Echo();
        var other = new IPEndPoint(Addresses.Fresh(), 8080);
        var extra = new IPEndPoint(Addresses.Fresh(), 8080);
        string Sections(int i) => $"""
            frontend other
                bind {other}
                {(i % 3 == 0 ? $"bind {extra}" : "")}
                default_backend pool{i % 4}
            backend pool{i % 4}
                timeout connect {5 + (i % 5)}s
                server echo {echo.EndPoint}
            listen web
                bind FRONT
                stick-table type ip size {(i % 5 == 0 ? 100 : 1000)} expire {10 + (i % 2)}m
                stick on src
                timeout server {30 + i}s
                {(i % 2 == 1 ? $"server s3 {three.EndPoint}" : "")}
                server s1 {one.EndPoint}
                server s2 {two.EndPoint} weight {1 + (i % 7)}
            """;
        using Site site = Site.Start(Sections(0), loops);
        using var traffic = new Traffic();
        Assert.Equal("1", Ask(site, Alice));
        Assert.Equal("2", Ask(site, Bob));
        traffic.Visit(site.Front, Alice, "1");
        traffic.Visit(site.Front, Bob, "2");
        traffic.Visit(site.Front, Carol, "1", "2", "3");
        traffic.Stay(other, 100);
        traffic.Stay(other, 300_000);

        for (int i = 1; i <= Reloads; i++)
        {
            long before = traffic.Connections;
            Assert.Empty(site.Reload(Sections(i)));
            Until.True(() => traffic.Connections > before + 10, "clients come");
        }

        Assert.Empty(traffic.Stop());
        Until.True(() => site.Count("web", "FRONTEND", "scur") == 0 && site.Count("other", "FRONTEND", "scur") == 0, "all sessions are over");
        long visits = traffic.Connections - 2;      // those that stay are the other frontend's
        Assert.Equal(visits + 2, site.Count("web", "FRONTEND", "stot"));
        Assert.Equal(visits + 2, site.Count("web", "BACKEND", "stot"));
        Assert.Equal(2, site.Count("other", "FRONTEND", "stot"));
        Assert.Equal(visits + 2 + 2, site.Balancer.Snapshot().Process.TotalConnections);
        Assert.Equal(0, site.Balancer.Snapshot().Process.CurrentConnections);
        Assert.Equal(Reloads, site.Balancer.Snapshot().Process.ReloadsTotal);
        Assert.Equal("s1", site.Balancer.FindStickEntry("web", Alice)!.Value.ServerName);
        Assert.Equal("s2", site.Balancer.FindStickEntry("web", Bob)!.Value.ServerName);
        site.Log.LineWith(string.Create(CultureInfo.InvariantCulture, $"Configuration reloaded (addresses: 0 opened, 0 closed; servers: "));
    }

    private static string Ask(Site site, IPAddress from)
    {
        using Peer client = site.Connect(from);
        return client.ReadTextToEnd();
    }
}
