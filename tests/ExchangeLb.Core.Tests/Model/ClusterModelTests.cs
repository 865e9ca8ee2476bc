using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Model;

public sealed class ClusterModelTests
{
    [Theory]
    [InlineData("192.168.200.25", 24, "")]
    [InlineData("10.0.0.25", 24, "")]
    [InlineData("192.168.201.25", 24, "lb1 lb2")]
    [InlineData("192.168.201.25", 32, "")]
    [InlineData("192.168.200.25", 28, "lb2")]
    [InlineData("fd00::25", 64, "")]
    public void A_node_without_an_address_in_a_vips_network_is_outside_of_it(string address, int length, string outside)
    {
        VipModel vip = new(IPAddress.Parse(address), length, "eth0", []);
        ClusterModel model = new("pair", [Node(1, "192.168.200.21", "10.0.0.21"), Node(2, "192.168.200.122", "10.0.0.22")], [vip]);

        Assert.Equal(outside, string.Join(' ', model.NodesOutside(vip).Select(node => node.Name)));
    }

    private static ClusterNodeModel Node(uint id, params string[] addresses) => new(id, $"lb{id}", [.. addresses.Select(IPAddress.Parse)], 100);
}
