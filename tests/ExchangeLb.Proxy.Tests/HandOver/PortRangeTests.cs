using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Proxy.HandOver;
using Xunit;

namespace ExchangeLb.Proxy.Tests.HandOver;

public class PortRangeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void No_port_belongs_to_two_nodes_and_each_node_has_thousands(int nodes)
    {
        List<PortRange> ranges = [.. Enumerable.Range(0, nodes).Select(place => PortRange.Of(place, nodes))];

        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.True(pair.First.Last < pair.Second.First));
        Assert.All(ranges, range => Assert.InRange(range.Count, 3000, 65_535));
        Assert.InRange(ranges[0].First, 1024, 65_535);
        Assert.InRange(ranges[^1].Last, 1024, 65_535);
    }
}
