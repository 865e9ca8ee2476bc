using System;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Clustering;
using ExchangeLb.Config;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class LeftBehindTests
{
    private const string Pair = "cluster pair\n node lb1 192.0.2.1,10.0.0.1\n node lb2 192.0.2.2,10.0.0.2\n";
    private const string NearAndFar = "listen near\n bind 192.0.2.25:443\n server a 192.0.2.103:443\nfrontend f\n bind :25\n default_backend far\nbackend far\n server b 10.0.0.103:25\n";

    [Fact]
    public void Servers_in_the_addresss_own_network_leave_nothing_behind() =>
        Assert.Empty(Find(Pair + " vip 192.0.2.25/24 dev eth0\n", NearAndFar.Replace("10.0.0.103", "192.0.2.104", StringComparison.Ordinal)));

    [Fact]
    public void Servers_that_are_reached_through_another_network_are_named_by_their_backend() =>
        Assert.Equal(
            ["connections to 192.0.2.25 end when it moves, those of far: servers are reached through another network than the address's own, which may be meant"],
            Find(Pair + " vip 192.0.2.25/24 dev eth0\n", NearAndFar).ToArray());

    [Fact]
    public void One_server_of_several_is_named_itself() =>
        Assert.Equal(
            ["connections to 192.0.2.25 end when it moves, those of far/b: servers are reached through another network than the address's own, which may be meant"],
            Find(Pair + " vip 192.0.2.25/24 dev eth0\n", NearAndFar + " server c 192.0.2.105:25\n").ToArray());

    [Fact]
    public void An_address_of_full_length_has_no_network_for_servers() =>
        Assert.Equal(
            ["connections to 192.0.2.25 end when it moves, those of near, far: /32 leaves no server in its network; write the network's own length, or 'hand-over off' if that is meant"],
            Find(Pair + " vip 192.0.2.25/32 dev eth0\n", NearAndFar).ToArray());

    [Fact]
    public void An_address_that_no_bind_listens_on_is_not_mentioned() =>
        Assert.Empty(Find(Pair + " vip 192.0.2.26/32 dev eth0\n", NearAndFar.Replace("bind :25", "bind 192.0.2.25:25", StringComparison.Ordinal)));

    [Fact]
    public void Whoever_wants_no_hand_over_is_told_nothing() =>
        Assert.Empty(Find(Pair + " vip 192.0.2.25/32 dev eth0\n hand-over off\n", NearAndFar));

    private static ImmutableArray<string> Find(string cluster, string balancer)
    {
        DiagnosticList found = new();
        ClusterModel model = ClusterConfigurationReader.ReadText("cluster.cfg", cluster, new ReaderOptions(), found)!;
        LoadBalancerModel proxies = ConfigurationReader.ReadText("haproxy.cfg", System.Text.Encoding.UTF8.GetBytes(balancer), new ReaderOptions(), found)!;
        LoadBalancerSnapshot snapshot = new(new ProcessSnapshot(),
        [
            .. proxies.Proxies.Select(proxy => new ProxySnapshot(proxy)
            {
                Servers = [.. (proxy.Backend?.Servers ?? []).Select(server => new ServerSnapshot(server) { Address = new IPEndPoint(server.Address!, server.Port) })],
            }),
        ]);
        return LeftBehind.Find(model, snapshot, server => IPAddress.Parse(server.ToString().StartsWith("10.", StringComparison.Ordinal) ? "10.0.0.1" : "192.0.2.1"));
    }
}
