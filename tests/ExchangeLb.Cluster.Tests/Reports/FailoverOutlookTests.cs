using System;
using System.Collections.Immutable;
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

    [Theory]
    [InlineData(1000, 400, "lb2 has room for 400 connections (maxconn), lb1 for 1000: no switchover goes there with more, and where an address has to go to lb2 those beyond it end")]
    [InlineData(400, 1000, "lb1 has room for 400 connections (maxconn), lb2 for 1000: no switchover goes there with more, and where an address has to go to lb1 those beyond it end")]
    [InlineData(1000, 995, null)]   // other descriptors were open at its start
    [InlineData(1000, 0, null)]     // an earlier release
    public void A_node_with_room_for_fewer_connections_is_named(int own, int peers, string? warning)
    {
        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with { Nodes = [Self with { MaxConn = own }, Peer with { MaxConn = peers }] });

        Assert.Equal(warning is null ? [] : [warning], judged.Warnings.ToArray());
        Assert.Empty(judged.FailoverObstacles);
    }

    [Fact]
    public void A_peer_that_is_away_is_an_obstacle() => AssertObstacle(Peer with { Present = false }, "lb2 is not in the cluster now");

    [Fact]
    public void A_peer_that_was_never_heard_is_one_with_what_to_look_at() => AssertObstacle(Peer with { Present = false, UnheardOn = "5405-5406" },
        "lb2 was not heard since this node started: does it run, with the same key, and do firewalls let UDP 5405-5406 pass"
        + " (firewall-cmd --add-port=5405-5406/udp)?");

    [Fact]
    public void A_node_without_its_Corosync_says_where_the_reason_stands() =>
        Assert.Contains(
            "no connection to corosync on this node: `exchangelb events` says why",
            FailoverOutlook.Judge(Healthy with { Engine = Healthy.Engine with { Connected = false } }).FailoverObstacles);

    [Fact]
    public void A_peer_in_standby_is_an_obstacle() => AssertObstacle(Peer with { Standby = true }, "lb2 is in standby");

    [Fact]
    public void A_peer_that_cannot_serve_is_an_obstacle() =>
        AssertObstacle(Peer with { Fit = false, Unfit = "eth0 is down" }, "lb2 can't serve: eth0 is down");

    [Fact]
    public void A_peer_that_is_silent_is_an_obstacle() =>
        AssertObstacle(Peer with { ReportAge = TimeSpan.FromSeconds(6) }, "lb2 has not reported yet");

    [Fact]
    public void Of_a_peer_that_has_not_reported_yet_nothing_else_is_said()
    {
        ClusterNodeSnapshot silent = new("lb2", 2) { Present = true, Links = [new LinkSnapshot(0, "192.168.200.22", false)] };

        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with { Nodes = [Self, silent] });

        Assert.Equal(["lb2 has not reported yet"], judged.FailoverObstacles.ToArray());
        Assert.Empty(judged.Warnings);
    }

    [Fact]
    public void That_all_are_in_standby_is_said_once_with_who_serves()
    {
        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with { Nodes = [Self with { Standby = true }, Peer with { Standby = true }] });

        Assert.Equal(["all nodes are in standby: lb1 (this node) serves 192.168.200.25, for somebody must"], judged.FailoverObstacles.ToArray());
        Assert.Empty(judged.Warnings);
    }

    [Fact]
    public void Who_serves_in_standby_is_named_with_the_reason()
    {
        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with { Nodes = [Self with { Standby = true }, Peer with { Present = false }] });

        Assert.Equal(
            ["lb2 is not in the cluster now", "lb1 (this node) serves 192.168.200.25 although it is in standby, for nobody else can"],
            judged.FailoverObstacles.ToArray());
    }

    [Fact]
    public void All_others_are_in_standby_only_when_each_that_is_there_has_said_so()
    {
        ClusterNodeSnapshot standby = Peer with { Standby = true };
        ClusterNodeSnapshot third = standby with { Name = "lb3", Id = 3 };

        Assert.Equal("lb2 is", FailoverOutlook.AllInStandby(Healthy with { Nodes = [Self, standby] }));
        Assert.Equal("lb2 is", FailoverOutlook.AllInStandby(Healthy with { Nodes = [Self, standby, third with { Present = false }] }));
        Assert.Equal("lb2 and lb3 are", FailoverOutlook.AllInStandby(Healthy with { Nodes = [Self, standby, third] }));
        Assert.Null(FailoverOutlook.AllInStandby(Healthy with { Nodes = [Self, standby, third with { Standby = false }] }));
        Assert.Null(FailoverOutlook.AllInStandby(Healthy with { Nodes = [Self, standby with { Version = "" }] }));
        Assert.Null(FailoverOutlook.AllInStandby(Healthy with { Nodes = [Self, standby with { Present = false }] }));
    }

    [Fact]
    public void A_move_has_nowhere_to_go_when_its_target_or_without_one_every_other_node_is_in_standby()
    {
        ClusterNodeSnapshot standby = Peer with { Standby = true };
        ClusterNodeSnapshot third = Peer with { Name = "lb3", Id = 3 };
        ClusterSnapshot cluster = Healthy with { Nodes = [Self, standby, third] };

        Assert.Equal("lb2 is", FailoverOutlook.InStandby(cluster, "lb2"));
        Assert.Null(FailoverOutlook.InStandby(cluster, "lb3"));
        Assert.Null(FailoverOutlook.InStandby(cluster, null));
        Assert.Null(FailoverOutlook.InStandby(Healthy with { Nodes = [Self, standby with { Version = "" }] }, "lb2"));
        Assert.Equal("lb2 is", FailoverOutlook.InStandby(Healthy with { Nodes = [Self, standby] }, null));
    }

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

    [Fact]
    public void Asked_at_the_standby_its_own_trouble_is_an_obstacle()
    {
        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with
        {
            Nodes = [Peer with { Name = "lb1", Id = 1 }, Self with { Name = "lb2", Id = 2, Standby = true }],
        });

        Assert.Equal(["lb2 (this node) is in standby"], judged.FailoverObstacles.ToArray());
    }

    [Fact]
    public void What_is_wrong_with_the_owner_hinders_no_failover()
    {
        ClusterSnapshot judged = FailoverOutlook.Judge(Healthy with { Nodes = [Self with { Standby = true }, Peer] });

        Assert.Empty(judged.FailoverObstacles);
        Assert.Equal(["lb1 (this node) is in standby"], judged.Warnings.ToArray());
    }

    [Fact]
    public void A_node_that_alone_reaches_no_server_of_a_backend_can_not_take_over_for_it()
    {
        ClusterSnapshot judged = Judge([new("owa", 2, 2), new("imap", 1, 2)], [new("owa", 0, 2), new("imap", 1, 2)]);

        Assert.Equal(["lb2 reaches no server of owa, which another node does: as owner it would close their clients' connections at once"],
            judged.FailoverObstacles.ToArray());
        Assert.Empty(judged.Warnings);
    }

    [Fact]
    public void A_backend_without_a_server_on_any_node_is_a_warning_while_another_has_one()
    {
        ClusterSnapshot judged = Judge([new("owa", 2, 2), new("imap", 0, 2)], [new("owa", 2, 2), new("imap", 0, 2)]);

        Assert.Empty(judged.FailoverObstacles);
        Assert.Equal(["no node reaches a server of imap: clients are connected and closed at once, now and after a failover"], judged.Warnings.ToArray());
    }

    [Fact]
    public void Without_a_server_anywhere_there_is_nothing_to_fail_over()
    {
        ClusterSnapshot judged = Judge([new("owa", 0, 2), new("stats", 0, 0)], [new("owa", 0, 2), new("stats", 0, 0)]);

        Assert.Equal(["no node reaches a server of owa: clients are connected and closed at once, now and after a failover"], judged.FailoverObstacles.ToArray());
    }

    private static ClusterSnapshot Judge(ImmutableArray<BackendServersSnapshot> ofOwner, ImmutableArray<BackendServersSnapshot> ofPeer) =>
        FailoverOutlook.Judge(Healthy with { Nodes = [Self with { Backends = ofOwner }, Peer with { Backends = ofPeer }] });

    private static void AssertObstacle(ClusterNodeSnapshot peer, string expected) =>
        Assert.Equal([expected], FailoverOutlook.Judge(Healthy with { Nodes = [Self, peer] }).FailoverObstacles.ToArray());
}
