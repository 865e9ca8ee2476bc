using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

public sealed class IPv6Pair() : PairLab(null, ipv6: true);

/// <summary>No address of IPv4 anywhere: the fence, probes and announcements by neighbour discovery, Corosync, servers, established connections that move.</summary>
public sealed class IPv6PairTests(IPv6Pair pair) : IClassFixture<IPv6Pair>
{
    [LabTheory]
    [InlineData("all")]
    [InlineData("switchover")]
    public void A_pair_with_IPv6_addresses_survives_a_drill(string drill) => Judging.Survives(pair, drill, count: 2);
}
