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

    /// <summary>A fiftieth: other descriptors may have been open when a node derived its maxconn.</summary>
    private const int RoomTolerance = 50;

    public static ClusterSnapshot Judge(ClusterSnapshot snapshot)
    {
        ImmutableArray<string>.Builder obstacles = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<string>.Builder warnings = ImmutableArray.CreateBuilder<string>();
        if (!snapshot.Engine.Connected)
        {
            obstacles.Add($"no connection to {snapshot.Engine.Name} on this node: `exchangelb events` says why");
        }
        if (snapshot.Nodes.Length == 1)
        {
            obstacles.Add("this cluster has one node only");
        }
        else
        {
            AddTakers(snapshot, obstacles, warnings);
        }
        AddVips(snapshot, obstacles, warnings);
        AddBackends(snapshot, obstacles, warnings);
        AddParts(snapshot, warnings);
        AddDrift(snapshot, warnings);
        AddRoom(snapshot, warnings);
        AddReplication(snapshot, warnings);
        return snapshot with
        {
            FailoverObstacles = [.. obstacles.Distinct()],
            Warnings = [.. snapshot.Warnings, .. warnings.Distinct().Except(obstacles)],
        };
    }

    /// <summary>The other nodes that are there, when all of them have said that they are in standby: "lb2 is", "lb2 and lb3 are"; null: not so.</summary>
    public static string? AllInStandby(ClusterSnapshot snapshot)
    {
        string[] others = [.. snapshot.Nodes.Where(node => node is { IsSelf: false, Present: true }).Select(node => Speaks(node) && node.Standby ? node.Name : "")];
        return others.Length == 0 || others.Contains("") ? null : $"{string.Join(" and ", others)} {(others.Length == 1 ? "is" : "are")}";
    }

    /// <summary>Whether an order to move a VIP would put it where nobody wants it: the node has said that it is in standby, or all others have when none is named; else null.</summary>
    /// <returns>"lb2 is", as <see cref="AllInStandby"/>.</returns>
    public static string? InStandby(ClusterSnapshot snapshot, string? target) =>
        target is null ? AllInStandby(snapshot) : snapshot.Nodes.Any(node => node.Name == target && Speaks(node) && node.Standby) ? $"{target} is" : null;

    /// <summary>A VIP needs one node beside its owner that could take it; whatever else is wrong with a node deserves a look.</summary>
    private static void AddTakers(ClusterSnapshot snapshot, ImmutableArray<string>.Builder obstacles, ImmutableArray<string>.Builder warnings)
    {
        if (snapshot.Nodes.All(node => Speaks(node) && node.Standby))
        {
            obstacles.AddRange(snapshot.Vips.Where(vip => vip.Owner is not null).Select(vip => $"all nodes are in standby: {NameOf(snapshot, vip.Owner!)} serves {vip.Address}, for somebody must"));
            return;
        }
        foreach (VipSnapshot vip in snapshot.Vips)
        {
            ClusterNodeSnapshot[] takers = [.. snapshot.Nodes.Where(node => vip.Owner is null ? !node.IsSelf : node.Name != vip.Owner)];
            if (takers.All(taker => Obstacle(snapshot, taker) is not null))
            {
                obstacles.AddRange(takers.Select(taker => Obstacle(snapshot, taker)).OfType<string>());
                if (snapshot.Nodes.FirstOrDefault(node => node.Name == vip.Owner) is { Standby: true } owner)
                {
                    obstacles.Add($"{NameOf(owner)} serves {vip.Address} although it is in standby, for nobody else can");
                }
            }
        }
        warnings.AddRange(snapshot.Nodes.Select(node => Obstacle(snapshot, node)).OfType<string>());
    }

    private static string? Obstacle(ClusterSnapshot snapshot, ClusterNodeSnapshot node) =>
        node is { Present: false, UnheardOn: { } ports }
            ? $"{NameOf(node)} was not heard since this node started: does it run, with the same key, and do firewalls let UDP {ports} pass"
                + $" (firewall-cmd --add-port={ports}/udp)?"
        : !node.Present ? $"{NameOf(node)} is not in the cluster now"
        : node.Version.Length == 0 || node.ReportAge > Stale ? $"{NameOf(node)} has not reported yet"
        : node.Standby ? $"{NameOf(node)} is in standby"
        : !node.Fit ? $"{NameOf(node)} can't serve: {node.Unfit}"
        : Lost(snapshot, node) is { Length: > 0 } lost
            ? $"{NameOf(node)} reaches no server of {string.Join(", ", lost)}, which another node does: as owner it would close their clients' connections at once"
        : null;

    private static string NameOf(ClusterSnapshot snapshot, string name) =>
        snapshot.Nodes.FirstOrDefault(node => node.Name == name) is { } node ? NameOf(node) : name;

    private static string NameOf(ClusterNodeSnapshot node) => node.IsSelf ? $"{node.Name} (this node)" : node.Name;

    /// <summary>Backends that have a usable server on another node only.</summary>
    private static string[] Lost(ClusterSnapshot snapshot, ClusterNodeSnapshot node) =>
    [
        .. node.Backends.Where(IsDead).Select(backend => backend.Backend)
            .Where(name => snapshot.Nodes.Any(other => Speaks(other) && other.Backends.Any(backend => backend.Backend == name && backend.Usable > 0))),
    ];

    /// <summary>Without a usable server on any node: nobody's death changes that. When all are so, there is no service to fail over.</summary>
    private static void AddBackends(ClusterSnapshot snapshot, ImmutableArray<string>.Builder obstacles, ImmutableArray<string>.Builder warnings)
    {
        (string Name, bool Dead)[] backends =
        [
            .. snapshot.Nodes.Where(Speaks).SelectMany(node => node.Backends).Where(backend => backend.Total > 0)
                .GroupBy(backend => backend.Backend, StringComparer.Ordinal).Select(seen => (seen.Key, seen.All(IsDead))),
        ];
        string dead = string.Join(", ", backends.Where(backend => backend.Dead).Select(backend => backend.Name));
        if (dead.Length > 0)
        {
            (backends.All(backend => backend.Dead) ? obstacles : warnings).Add(
                $"no node reaches a server of {dead}: clients are connected and closed at once, now and after a failover");
        }
    }

    private static bool IsDead(BackendServersSnapshot backend) => backend is { Usable: 0, Total: > 0 };

    private static bool Speaks(ClusterNodeSnapshot node) => node is { Present: true, Version.Length: > 0 } && node.ReportAge <= Stale;

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

    private static void AddParts(ClusterSnapshot snapshot, ImmutableArray<string>.Builder warnings)
    {
        foreach (ClusterNodeSnapshot node in snapshot.Nodes.Where(node => node.Present))
        {
            if (node is { GuardRunning: false, Version.Length: > 0 })
            {
                warnings.Add($"{node.Name} has no guard: if its balancer dies alone, clients wait for the lease to lapse");
            }
            foreach (LinkSnapshot link in node.Links.Where(link => !link.Up && Speaks(node)))
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

    private static void AddRoom(ClusterSnapshot snapshot, ImmutableArray<string>.Builder warnings)
    {
        ClusterNodeSnapshot? most = snapshot.Nodes.Where(Speaks).MaxBy(node => node.MaxConn);
        warnings.AddRange(snapshot.Nodes.Where(node => Speaks(node) && node.MaxConn > 0 && node.MaxConn < most!.MaxConn - (most.MaxConn / RoomTolerance)).Select(node =>
            $"{node.Name} has room for {node.MaxConn} connections (maxconn), {most!.Name} for {most.MaxConn}: no switchover goes there with more, and where an address has to go to {node.Name} those beyond it end"));
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
