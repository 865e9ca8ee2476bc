using System.Net;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests.Cluster;

public sealed class ThisNodeTests
{
    private static readonly ClusterModel Pair = ClusterConfigurationReader.ReadText("cluster.cfg",
        "cluster pair\n node lb1 192.0.2.1,10.0.0.1\n node lb2 192.0.2.2,10.0.0.2\n vip 192.0.2.25/24 dev eth0\n", Reading.Hermetic, new DiagnosticList())!;

    [Theory]
    [InlineData("lb2", "lb1", "192.0.2.1", "lb2")] // what was written counts more than what the host is called
    [InlineData(null, "lb2", "192.0.2.1", "lb2")]
    [InlineData(null, "LB2.example.org", "192.0.2.1", "lb2")]
    [InlineData(null, "balancer", "10.0.0.2", "lb2")]
    public void A_node_is_found_by_its_name_then_by_the_hosts_name_then_by_address(string? named, string host, string address, string expected)
    {
        (ClusterNodeModel? node, _) = ThisNode.Find(Pair, named, host, [IPAddress.Loopback, IPAddress.Parse(address)]);

        Assert.Equal(expected, node?.Name);
    }

    [Theory]
    [InlineData("lb3", "lb1", new string[0], "--node lb3: cluster 'pair' has no such node; did you mean 'lb1'?")]
    [InlineData("balancer", "lb1", new string[0], "--node balancer: cluster 'pair' has no such node; nodes are: lb1, lb2")]
    [InlineData(null, "other", new[] { "192.0.2.9" },
        "no node of cluster 'pair' is called 'other', and none of their addresses is on this host; write --node with one of: lb1, lb2")]
    [InlineData(null, "other", new[] { "192.0.2.1", "192.0.2.2" }, "this host has addresses of several nodes (lb1, lb2); write --node with one of them")]
    public void A_node_that_can_not_be_told_is_a_problem_with_its_remedy(string? named, string host, string[] addresses, string expected)
    {
        (ClusterNodeModel? node, string problem) = ThisNode.Find(Pair, named, host, [.. System.Array.ConvertAll(addresses, IPAddress.Parse)]);

        Assert.Null(node);
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData(new[] { "192.0.2.1", "10.0.0.1" }, false, null)]
    [InlineData(new[] { "192.0.2.9", "10.0.0.1" }, true, "node 'lb1' of cluster 'pair': no device of this host has 192.0.2.1; "
        + "give it to a device ('ip address' shows what is there), or correct the 'node' line of cluster.cfg")]
    [InlineData(new[] { "192.0.2.1" }, false, "node 'lb1' of cluster 'pair': no device of this host has 10.0.0.1; "
        + "give it to a device ('ip address' shows what is there), or correct the 'node' line of cluster.cfg")]
    [InlineData(new[] { "192.0.2.2", "10.0.0.2" }, true, "node 'lb1' of cluster 'pair': no device of this host has 192.0.2.1 or 10.0.0.1; "
        + "this host has those of lb2: start it with --node lb2, or correct the 'node' lines of cluster.cfg")]
    public void A_host_without_the_nodes_first_address_is_not_that_node(string[] addresses, bool fatal, string? expected)
    {
        string? problem = ThisNode.Missing(Pair, Pair.Nodes[0], [.. System.Array.ConvertAll(addresses, IPAddress.Parse)], out bool isFatal);

        Assert.Equal(expected, problem);
        Assert.Equal(fatal, isFatal);
    }

    [Fact]
    public void A_node_without_peers_serves_without_its_address()
    {
        ClusterModel one = Pair with { Nodes = Pair.Nodes.RemoveAt(1) };

        string? problem = ThisNode.Missing(one, one.Nodes[0], [], out bool fatal);

        Assert.NotNull(problem);
        Assert.False(fatal);
    }

    [Theory]
    [InlineData("lo eth0 eth1", false, null)]
    [InlineData("lo eth0", false, "vip 192.0.2.26: this host has no device eth1; it has eth0: correct 'dev' in cluster.cfg, or bring that device up first")]
    [InlineData("lo ens3 ens4", true, "vip 192.0.2.25: this host has no device eth0; it has ens3, ens4: correct 'dev' in cluster.cfg, or bring that device up first")]
    public void A_host_without_any_device_of_the_virtual_IPs_is_no_node(string devices, bool fatal, string? expected)
    {
        ClusterModel two = Pair with { Vips = Pair.Vips.Add(Pair.Vips[0] with { Address = IPAddress.Parse("192.0.2.26"), Device = "eth1" }) };

        string? problem = ThisNode.MissingDevice(two, devices.Split(' '), out bool isFatal);

        Assert.Equal(expected, problem);
        Assert.Equal(fatal, isFatal);
    }
}
