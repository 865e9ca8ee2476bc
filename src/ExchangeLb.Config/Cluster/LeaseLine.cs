using System;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Cluster;

/// <summary>
/// `lease TIME`: the one knob of time. Whether it is steady or fast depends on the number of nodes, so that is said when all are known.
/// </summary>
internal static class LeaseLine
{
    public static void Read(ClusterDraft cluster, Arguments line)
    {
        string text = line.Peek;
        if (!line.TryTime(out TimeSpan lease))
        {
            return;
        }
        cluster.Lease = new(lease, line.Place);
        if (lease < ClusterLimits.ShortestLease)
        {
            line.Alert($"can't be as short as {text}: renewals leave every eighth of it, and the kernel's own timers are late by some milliseconds",
                $"write {Text(ClusterLimits.ShortestLease)} or more; the smallest steady lease is {Text(ClusterTimings.SmallestSteadyLease(2))}");
        }
        else if (lease > ClusterLimits.LongestLease)
        {
            line.Alert($"can't be as long as {text}: a VIP would stay dark for so long after its owner's death",
                $"write {Text(ClusterLimits.LongestLease)} or less; the default is {Text(ClusterTimings.Default.Lease)}");
        }
    }

    /// <summary>`395ms`, `10s`: as it would be written.</summary>
    public static string Text(TimeSpan time) =>
        time.TotalMilliseconds % 1000 == 0 ? $"{time.TotalSeconds:0}s" : $"{time.TotalMilliseconds:0}ms";
}
