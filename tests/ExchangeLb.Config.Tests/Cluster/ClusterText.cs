using System;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Tests.Cluster;

/// <summary>A cluster's model as text, everything that the nodes will run on.</summary>
internal static class ClusterText
{
    public static string Of(ClusterModel cluster)
    {
        ClusterTimings timings = cluster.Timings;
        string[] lines =
        [
            $"cluster {cluster.Name} port {cluster.Port} key-file {cluster.KeyFile}",
            $"lease {Ms(timings.Lease)} token {Ms(timings.Token)} consensus {Ms(timings.Consensus)}{(timings.Fast ? " fast" : "")}",
            .. cluster.Nodes.Select(node => $"node {node.Id} {node.Name} {string.Join(' ', node.Addresses)} priority {node.Priority}"),
            .. cluster.Vips.Select(vip => $"vip {vip.Address}/{vip.PrefixLength} dev {vip.Device} prefer [{string.Join(' ', vip.Prefer)}]"),
            $"preempt {(cluster.PreemptDelay is { } delay ? Ms(delay) : "never")}",
            $"gateways [{string.Join(' ', cluster.Gateways)}]",
            $"hand-over {cluster.HandOver}",
            $"hook {cluster.Hook ?? "none"}",
        ];
        return string.Concat(lines.Select(line => $"{line}\n"));
    }

    private static string Ms(TimeSpan time) => FormattableString.Invariant($"{time.TotalMilliseconds}ms");
}
