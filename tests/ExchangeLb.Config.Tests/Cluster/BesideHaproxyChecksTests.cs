using System.Linq;
using System.Net;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests.Cluster;

public sealed class BesideHaproxyChecksTests
{
    private const string Cluster = "cluster pair\n node lb1 192.0.2.1\n node lb2 192.0.2.2\n vip 192.0.2.25/24 dev eth0\n vip fd00::25/64 dev eth0\n";

    [Theory]
    [InlineData("192.0.2.25:443,[fd00::25]:443")]
    [InlineData(":443,[fd00::25]:443")]
    [InlineData(":::443 v4v6")]
    [InlineData("192.0.2.1:80,192.0.2.25:443,[fd00::25]:443")]
    public void A_bind_that_takes_connections_to_a_vip_is_fine(string bind) => Assert.Empty(Messages(bind, Cluster));

    [Theory]
    [InlineData("192.0.2.1:443")]
    [InlineData("127.0.0.1:443")]
    public void A_configuration_that_listens_on_no_vip_is_warned_of(string bind) => Assert.Equal(
        ["Warning cluster.cfg: cluster 'pair': no 'bind' of haproxy.cfg listens on a VIP (192.0.2.25, fd00::25), so nobody who connects to it is served; write: bind 192.0.2.25:443"],
        Messages(bind, Cluster));

    [Theory]
    [InlineData("192.0.2.25:443", "fd00::25", "[fd00::25]:443")]
    [InlineData("[fd00::25]:443", "192.0.2.25", "192.0.2.25:443")]
    public void A_vip_that_none_listens_on_beside_others_is_warned_of(string bind, string vip, string written) => Assert.Equal(
        [$"Warning cluster.cfg: cluster 'pair': no 'bind' of haproxy.cfg listens on vip {vip}, so nobody who connects to it is served; write: bind {written}"],
        Messages(bind, Cluster));

    [Fact]
    public void A_dual_stack_bind_serves_an_ipv4_vip_and_an_ipv6_only_bind_does_not()
    {
        string onlyIPv4 = Cluster.Replace(" vip fd00::25/64 dev eth0\n", "", System.StringComparison.Ordinal);

        Assert.Empty(Messages(":::443 v4v6", onlyIPv4));
        Assert.Single(Messages(":::443 v6only", onlyIPv4));
    }

    [Fact]
    public void A_server_at_a_vip_is_warned_of() =>
        Assert.Contains(Messages("192.0.2.25:443\n server loop 192.0.2.25:443", Cluster), message => message.Contains("would connect to itself", System.StringComparison.Ordinal));

    [Theory]
    [InlineData("192.0.2.25:443,[fd00::25]:443")]
    [InlineData(":443,:::80,127.0.0.1:8404,192.0.2.1:8405")]
    public void On_a_node_a_bind_to_a_vip_or_to_the_host_is_fine(string bind) => Assert.Empty(Strangers(bind));

    [Fact]
    public void On_a_node_a_bind_to_neither_is_warned_of() => Assert.Equal(
        ["Warning 'bind 192.0.2.52:443' is neither an address of this host nor a VIP of cluster 'pair' (192.0.2.25, fd00::25), so the node can't listen there; correct one of them"],
        Strangers("192.0.2.25:443,192.0.2.52:443"));

    private static string[] Strangers(string bind)
    {
        DiagnosticList diagnostics = new();

        BesideHaproxyChecks.WarnOfStrangers(Balancer(bind), Model(Cluster), [IPAddress.Parse("192.0.2.1")], diagnostics);

        return [.. diagnostics.Items.Select(item => $"{item.Severity} {item.Message}")];
    }

    private static LoadBalancerModel Balancer(string bind) =>
        Reading.Of($"listen a\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n bind {bind}\n").Model!;

    private static ClusterModel Model(string cluster) => ClusterConfigurationReader.ReadText("cluster.cfg", cluster, Reading.Hermetic, new DiagnosticList())!;

    private static string[] Messages(string bind, string cluster)
    {
        DiagnosticList diagnostics = new();

        BesideHaproxyChecks.Run(Balancer(bind), Model(cluster), "cluster.cfg", diagnostics);

        return [.. diagnostics.Items.Select(item => $"{item.Severity} {item.Place}: {item.Message}")];
    }
}
