using System;

namespace ExchangeLb.Config.Cluster;

/// <summary>What a cluster.cfg may have at most; each is reported with an alert when passed.</summary>
internal static class ClusterLimits
{
    /// <summary>Beyond a handful of nodes one token round takes longer than the leases are meant to be.</summary>
    public const int Nodes = 16;

    public const int Vips = 32;

    public const int Gateways = 8;

    /// <summary>Corosync has eight links; two networks are what the fence and the renewals are made for.</summary>
    public const int Links = 2;

    public const int Priority = 1000;

    /// <summary>IFNAMSIZ without its final NUL.</summary>
    public const int DeviceLength = 15;

    /// <summary>Characters of a name in messages between the nodes.</summary>
    public const int NameLength = 63;

    /// <summary>Renewals go out every eighth of it, and the kernel's timers are late by a few milliseconds.</summary>
    public static readonly TimeSpan ShortestLease = TimeSpan.FromMilliseconds(60);

    public static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan LongestPreemptDelay = TimeSpan.FromHours(1);
}
