using System;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests;

public sealed class ArticleTests
{
    private static string File { get; } = RepositoryRoot.File("cluster-config", "haproxy.cfg");

    [Fact]
    public void The_articles_file_is_read_into_two_listen_sections()
    {
        DiagnosticList diagnostics = new();

        LoadBalancerModel? model = ConfigurationReader.Read([File], Reading.Hermetic, diagnostics);

        Assert.NotNull(model);
        Assert.Equal(["stats", "e2k13"], model.Proxies.Select(proxy => proxy.Name));
        Assert.Equal([1, 2], model.Proxies.Select(proxy => proxy.Id));
        Assert.All(model.Proxies, proxy => Assert.Equal(ProxyKind.Listen, proxy.Kind));
    }

    [Fact]
    public void Its_stats_section_serves_the_page_at_the_root()
    {
        ProxyModel stats = Read("stats");

        Assert.Equal(ProxyMode.Http, stats.Mode);
        Assert.Equal(new IPEndPoint(IPAddress.Parse("192.168.200.25"), 80), stats.Frontend!.Binds.Single().Address);
        Assert.Equal(("/", true, TimeSpan.FromSeconds(10)), (stats.Stats!.Uri, stats.Stats.HideVersion, stats.Stats.RequestTimeout));
    }

    [Fact]
    public void Its_exchange_section_passes_tls_through_to_two_checked_servers()
    {
        ProxyModel exchange = Read("e2k13");

        Assert.Equal(ProxyMode.Tcp, exchange.Mode);
        Assert.Equal(new SslHelloCheckModel(Legacy: false), exchange.Backend!.Check);
        Assert.Equal(["192.168.200.103:443", "192.168.200.104:443"], exchange.Backend.Servers.Select(server => $"{server.Address}:{server.Port}"));
        Assert.All(exchange.Backend.Servers, server => Assert.True(server is { Check: true, Rise: 2, Fall: 3, Inter.TotalSeconds: 2 }));
    }

    [Fact]
    public void Its_exchange_section_overrides_the_inherited_timeouts_and_keeps_the_rest()
    {
        ProxyModel exchange = Read("e2k13");

        Assert.Equal((TimeSpan.FromMinutes(5), true, true), (exchange.Frontend!.ClientTimeout, exchange.Frontend.TcpLog, exchange.Frontend.DontLogNull));
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)), (exchange.Backend!.ConnectTimeout, exchange.Backend.ServerTimeout));
        Assert.Equal((TimeSpan.FromSeconds(10), 3, -1), (exchange.Backend.CheckTimeout, exchange.Backend.Retries, exchange.Backend.RedispatchInterval));
    }

    [Fact]
    public void Its_clients_stick_by_source_address_for_a_quarter_of_an_hour()
    {
        BackendModel backend = Read("e2k13").Backend!;

        Assert.Equal((StickKeyKind.IPv4, 20_480, TimeSpan.FromMinutes(15)), (backend.StickTable!.Key, backend.StickTable.Size, backend.StickTable.Expire));
        Assert.True(backend.StickRules.Single() is { Match: true, Store: true, Table: "e2k13", Condition: null });
    }

    [Fact]
    public void The_form_of_haproxy_1_5_is_the_same_configuration_with_a_warning()
    {
        string old = System.IO.File.ReadAllText(File).Replace("listen e2k13\n    bind 192.168.200.25:443\n", "listen e2k13 192.168.200.25:443\n", StringComparison.Ordinal);

        Reading reading = Reading.Of(old);

        Assert.Equal("192.168.200.25:443", reading.Model!.Proxies[1].Frontend!.Binds.Single().Address!.ToString());
        Assert.Contains(reading.Messages(Severity.Warning), message => message.Contains("bind 192.168.200.25:443", StringComparison.Ordinal));
    }

    private static ProxyModel Read(string name) =>
        ConfigurationReader.Read([File], Reading.Hermetic, new DiagnosticList())!.Proxies.Single(proxy => proxy.Name == name);
}
