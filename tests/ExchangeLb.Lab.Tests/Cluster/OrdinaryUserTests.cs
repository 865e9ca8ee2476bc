using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

public sealed class OrdinaryUsersPair() : PairLab(null, "nobody", streams: 99);

/// <summary>
/// Balancer and guard as an ordinary user that has CAP_NET_ADMIN, CAP_NET_RAW and CAP_NET_BIND_SERVICE and can get no more; Corosync is root's, and
/// lets that user in. These drills need all of it: nftables, rtnetlink, raw frames, messages of balancer and guard, the death of another process, sockets that are
/// moved and held: established connections go along with a switchover, and quiet ones outlive a crash.
/// </summary>
public sealed class OrdinaryUserTests(OrdinaryUsersPair pair) : IClassFixture<OrdinaryUsersPair>
{
    [LabTheory]
    [InlineData("process")]
    [InlineData("freeze")]
    [InlineData("switchover")]
    public void A_node_without_root_survives_a_drill(string drill) => Judging.Survives(pair, drill);
}
