using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Cluster;

/// <summary>In the order of how bad it is; the numbers are the exit codes of `exchangelb status`.</summary>
public enum ClusterHealth
{
    /// <summary>A failover would work.</summary>
    Good = 0,

    /// <summary>It would, but something deserves a look.</summary>
    Warning = 1,

    /// <summary>It would not, or nobody serves now.</summary>
    Critical = 2,
}

/// <summary>"Would a failover work right now?", in one sentence and its reasons.</summary>
/// <param name="Word">The answer as short as it gets: yes, no.</param>
/// <param name="Reasons">What stands against it, then what deserves a look, as whole clauses.</param>
public sealed record ClusterVerdict(ClusterHealth Health, string Word, string Sentence, ImmutableArray<string> Reasons)
{
    public static ClusterVerdict Of(ClusterSnapshot cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ImmutableArray<string> unowned = [.. cluster.Vips.Where(vip => vip.Owner is null).Select(vip => vip.Address)];
        ImmutableArray<string> against = [.. unowned.Select(address => $"nobody owns {address}").Union(cluster.FailoverObstacles)];
        ImmutableArray<string> reasons = [.. against, .. cluster.Warnings];
        return !unowned.IsEmpty ? new(ClusterHealth.Critical, "no", $"Nobody serves {string.Join(", ", unowned)}", reasons)
            : !against.IsEmpty ? new(ClusterHealth.Critical, "no", "A failover would not work now", reasons)
            : !cluster.Warnings.IsEmpty ? new(ClusterHealth.Warning, "yes, but", "A failover would work, but look at this", reasons)
            : new(ClusterHealth.Good, "yes", "A failover would work now", reasons);
    }
}
