using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Reports;

/// <summary>"Would a failover work right now?", answered from what this node knows, in whole sentences.</summary>
public static class FailoverOutlook
{
    /// <summary>A node sends a report a second.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    public static ClusterSnapshot Judge(ClusterSnapshot snapshot)
    {
        ImmutableArray<string>.Builder obstacles = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<string>.Builder warnings = ImmutableArray.CreateBuilder<string>();
        ClusterNodeSnapshot[] peers = [.. snapshot.Nodes.Where(node => !node.IsSelf)];
        if (!snapshot.Engine.Connected)
        {
            obstacles.Add($"no connection to {snapshot.Engine.Name} on this node");
        }
        if (peers.Length == 0)
        {
            obstacles.Add("this cluster has one node only");
        }
        foreach (ClusterNodeSnapshot peer in peers)
        {
            if (Obstacle(peer) is { } obstacle)
            {
                (peers.Any(other => Obstacle(other) is null) ? warnings : obstacles).Add(obstacle);
            }
        }
        AddVips(snapshot, obstacles, warnings);
        AddSelf(snapshot, warnings);
        AddDrift(snapshot, warnings);
        AddReplication(snapshot, warnings);
        return snapshot with
        {
            FailoverObstacles = obstacles.ToImmutable(),
            Warnings = [.. snapshot.Warnings, .. warnings],
        };
    }

    private static string? Obstacle(ClusterNodeSnapshot peer) =>
        !peer.Present ? $"{peer.Name} is not in the cluster now"
        : peer.Version.Length == 0 || peer.ReportAge > Stale ? $"{peer.Name} has not reported yet"
        : peer.Standby ? $"{peer.Name} is in standby"
        : !peer.Fit ? $"{peer.Name} can't serve: {peer.Unfit}"
        : null;

    private static void AddVips(
        ClusterSnapshot snapshot, ImmutableArray<string>.Builder obstacles, ImmutableArray<string>.Builder warnings)
    {
        foreach (VipSnapshot vip in snapshot.Vips)
        {
            if (vip.Owner is null)
            {
                obstacles.Add($"nobody owns {vip.Address}");
            }
            if (vip.Conflict is { } hardware)
            {
                warnings.Add($"{vip.Address} is also used by {hardware}, which is no node of this cluster");
            }
        }
    }

    private static void AddSelf(ClusterSnapshot snapshot, ImmutableArray<string>.Builder warnings)
    {
        foreach (ClusterNodeSnapshot node in snapshot.Nodes.Where(node => node.Present))
        {
            if (node is { IsSelf: true, Standby: true })
            {
                warnings.Add($"{node.Name} (this node) is in standby");
            }
            else if (node is { IsSelf: true, Fit: false })
            {
                warnings.Add($"{node.Name} (this node) can't serve: {node.Unfit}");
            }
            if (node is { GuardRunning: false, Version.Length: > 0 })
            {
                warnings.Add($"{node.Name} has no guard: if its balancer dies alone, clients wait for the lease to lapse");
            }
            foreach (LinkSnapshot link in node.Links.Where(link => !link.Up))
            {
                warnings.Add($"link {link.Index} ({link.Address}) of {node.Name} is down");
            }
        }
    }

    private static void AddDrift(ClusterSnapshot snapshot, ImmutableArray<string>.Builder warnings)
    {
        ClusterNodeSnapshot[] told = [.. snapshot.Nodes.Where(node => node is { Present: true, Version.Length: > 0 })];
        AddDifference(told, node => node.ConfigurationHash, "haproxy.cfg differs between the nodes", warnings);
        AddDifference(told, node => node.ClusterConfigurationHash, "cluster.cfg differs between the nodes", warnings);
        AddDifference(told, node => node.Version, "the nodes run different versions", warnings);
    }

    private static void AddDifference(
        ClusterNodeSnapshot[] nodes, Func<ClusterNodeSnapshot, string> what, string text, ImmutableArray<string>.Builder warnings)
    {
        if (nodes.Select(what).Distinct().Count() > 1)
        {
            warnings.Add($"{text}: {string.Join(", ", nodes.Select(node => $"{node.Name} {what(node)}"))}");
        }
    }

    private static void AddReplication(ClusterSnapshot snapshot, ImmutableArray<string>.Builder warnings)
    {
        foreach (TeachingSnapshot teaching in snapshot.Replication.Teaching.Where(teaching => !teaching.Complete))
        {
            warnings.Add($"{teaching.Node} is still being taught the stick table ({teaching.Entries} entries so far)");
        }
    }
}
