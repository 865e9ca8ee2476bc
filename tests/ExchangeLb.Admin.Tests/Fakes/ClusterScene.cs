using System;
using System.Collections.Immutable;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Tests.Fakes;

/// <summary>Clusters as one node would describe them.</summary>
internal static class ClusterScene
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Two nodes, everything right; asked at the owner.</summary>
    public static ClusterSnapshot Pair() => new()
    {
        Cluster = "exchange",
        Self = "lb1",
        Nodes = [Node("lb1", 1, "192.168.200.21", "10.0.0.21") with { IsSelf = true, Sessions = 1234, Uptime = TimeSpan.FromHours(76) }, Node("lb2", 2, "192.168.200.22", "10.0.0.22")],
        Vips =
        [
            new VipSnapshot("192.168.200.25", "eth0")
            {
                Role = VipRole.Owner, Owner = "lb1", OwnerFor = TimeSpan.FromHours(75), LeaseRemaining = TimeSpan.FromMilliseconds(362.5), AcquiredTotal = 1,
            },
        ],
        Engine = new EngineSnapshot { Name = "corosync", Connected = true, Quorate = true, Epoch = 12, SentTotal = 51_000, ReceivedTotal = 50_111 },
        Guard = new GuardSnapshot { Running = true, Pid = 4711 },
        Lease = TimeSpan.FromMilliseconds(400),
        LongestRenewalGap = TimeSpan.FromMilliseconds(57.25),
        Replication = new ReplicationSnapshot { SentTotal = 9_876, ReceivedTotal = 12, Lag = TimeSpan.FromMilliseconds(1.4), Teaching = [new TeachingSnapshot("lb2", 567, Complete: true)] },
        Events =
        [
            new ClusterEvent(Noon, "view", "lb1, lb2"),
            new ClusterEvent(Noon.AddSeconds(0.4), "owner", "192.168.200.25 is owned by lb1"),
            new ClusterEvent(Noon.AddMinutes(3), "standby", "lb2 left standby"),
        ],
    };

    /// <summary>A failover would work, but the nodes' files differ and a link is down.</summary>
    public static ClusterSnapshot Drifted()
    {
        ClusterSnapshot pair = Pair();
        return pair with
        {
            Nodes = [pair.Nodes[0], pair.Nodes[1] with { ConfigurationHash = "77ab01c2d3e4", Links = [new LinkSnapshot(0, "192.168.200.22", true), new LinkSnapshot(1, "10.0.0.22", false)] }],
            Warnings = ["haproxy.cfg differs between the nodes: lb1 0123456789ab, lb2 77ab01c2d3e4", "link 1 (10.0.0.22) of lb2 is down"],
            Replication = pair.Replication with { Queued = 40, Lag = TimeSpan.FromSeconds(2.5) },
        };
    }

    /// <summary>The peer is gone; the owner goes on alone.</summary>
    public static ClusterSnapshot PeerGone()
    {
        ClusterSnapshot pair = Pair();
        return pair with
        {
            Nodes = [pair.Nodes[0], new ClusterNodeSnapshot("lb2", 2)],
            Vips = [pair.Vips[0] with { Solo = true }],
            FailoverObstacles = ["lb2 is not in the cluster now"],
        };
    }

    /// <summary>Nobody owns the VIP, and names hold what must be encoded.</summary>
    public static ClusterSnapshot Dark()
    {
        ClusterSnapshot pair = Pair();
        return pair with
        {
            Cluster = "a<b>&\"c\"",
            Nodes =
            [
                pair.Nodes[0] with { Fit = false, Unfit = "no server of e2k13 is usable", GuardRunning = false },
                pair.Nodes[1] with { Standby = true, ReportAge = TimeSpan.FromSeconds(9) },
            ],
            Vips = [new VipSnapshot("192.168.200.25", "eth0") { OwnerFor = TimeSpan.FromSeconds(12), Conflict = "52:54:00:12:34:56" }, new VipSnapshot("fd00:200::25", "eth0") { Role = VipRole.Acquiring, Owner = "lb2" }],
            Engine = pair.Engine with { Connected = false },
            Guard = new GuardSnapshot(),
            FailoverObstacles = ["no connection to corosync on this node", "lb2 is in standby", "nobody owns 192.168.200.25"],
            Warnings = ["192.168.200.25 is also used by 52:54:00:12:34:56, which is no node of this cluster"],
        };
    }

    private static ClusterNodeSnapshot Node(string name, uint id, params string[] addresses) => new(name, id)
    {
        Present = true,
        Fit = true,
        Priority = id == 1 ? 100 : 0,
        Version = "0.3.0",
        ConfigurationHash = "0123456789ab",
        ClusterConfigurationHash = "ba9876543210",
        Uptime = TimeSpan.FromMinutes(7),
        Links = [.. Array.ConvertAll(addresses, address => new LinkSnapshot(Array.IndexOf(addresses, address), address, true))],
        Backends = [new BackendServersSnapshot("e2k13", 2, 2)],
        StickEntries = 567,
        GuardRunning = true,
    };
}
