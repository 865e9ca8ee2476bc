using System;
using System.Linq;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Reports;

public sealed class FailoverOutlookTests
{
    private static readonly ClusterNodeSnapshot Self = new("lb1", 1)
    {
        IsSelf = true,
        Present = true,
        Fit = true,
        Version = "1",
        ConfigurationHash = "a",
        ClusterConfigurationHash = "b",
        GuardRunning = true,
    };

    private static readonly ClusterNodeSnapshot Peer = Self with { Name = "lb2", Id = 2, IsSelf = false };

    private static readonly ClusterSnapshot Healthy = new()
    {
        Engine = new EngineSnapshot { Name = "corosync", Connected = true },
        Nodes = [Self, Peer],
        Vips = [new VipSnapshot("192.168.200.25", "eth0") { Owner = "lb1" }],
    };

    [Fact]
    public void A_healthy_pair_would_fail_over()
    {
        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy);

        Assert.Empty(judged.FailoverObstacles);
        Assert.Empty(judged.Warnings);
    }

    [Fact]
    public void A_peer_that_is_away_is_an_obstacle() => AssertObstacle(Peer with { Present = false }, "lb2 is not in the cluster now");

    [Fact]
    public void A_peer_in_standby_is_an_obstacle() => AssertObstacle(Peer with { Standby = true }, "lb2 is in standby");

    [Fact]
    public void A_peer_that_cannot_serve_is_an_obstacle() =>
        AssertObstacle(Peer with { Fit = false, Unfit = "eth0 is down" }, "lb2 can't serve: eth0 is down");

    [Fact]
    public void A_peer_that_is_silent_is_an_obstacle() =>
        AssertObstacle(Peer with { ReportAge = TimeSpan.FromSeconds(6) }, "lb2 has not reported yet");

    [Fact]
    public void With_a_third_node_one_that_is_away_is_only_a_warning()
    {
        ClusterNodeSnapshot third = Peer with { Name = "lb3", Id = 3 };

        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with { Nodes = [Self, Peer with { Present = false }, third] });

        Assert.Empty(judged.FailoverObstacles);
        Assert.Equal(["lb2 is not in the cluster now"], judged.Warnings.ToArray());
    }

    [Fact]
    public void A_VIP_without_owner_is_an_obstacle() =>
        Assert.Equal(
            ["nobody owns 192.168.200.25"],
            FailoverOutlook.Judge(Healthy with { Vips = [Healthy.Vips[0] with { Owner = null }] }).FailoverObstacles.ToArray());

    [Fact]
    public void Different_files_are_a_warning() =>
        Assert.Equal(
            ["haproxy.cfg differs between the nodes: lb1 a, lb2 c"],
            FailoverOutlook.Judge(Healthy with { Nodes = [Self, Peer with { ConfigurationHash = "c" }] }).Warnings.ToArray());

    [Fact]
    public void A_link_that_is_down_and_a_guard_that_is_missing_are_warnings()
    {
        ClusterNodeSnapshot worse = Peer with { GuardRunning = false, Links = [new LinkSnapshot(1, "10.0.0.22", false)] };

        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with { Nodes = [Self, worse] });

        Assert.Empty(judged.FailoverObstacles);
        Assert.Equal(2, judged.Warnings.Length);
    }

    private static void AssertObstacle(ClusterNodeSnapshot peer, string expected) =>
        Assert.Equal([expected], FailoverOutlook.Judge(Healthy with { Nodes = [Self, peer] }).FailoverObstacles.ToArray());
}
