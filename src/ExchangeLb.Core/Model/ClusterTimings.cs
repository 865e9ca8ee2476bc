using System;

namespace ExchangeLb.Core.Model;

/// <summary>
/// All times of a cluster, derived from the one that is configured. Corosync reports a lost node after about token + consensus + 10..35 ms
/// (measured); a lease that ends before the report would interrupt a healthy owner whenever a peer dies, so a steady lease is longer.
/// </summary>
/// <param name="Lease">How long the owner may serve on the last grants, 60 ms..10 s.</param>
/// <param name="Token">Corosync's `token`.</param>
/// <param name="Consensus">Corosync's `consensus`: with three and more nodes at least 1.2 x token, or a healthy node is thrown out at a heal.</param>
public sealed record ClusterTimings(TimeSpan Lease, TimeSpan Token, TimeSpan Consensus)
{
    /// <summary>How late a timed element of the kernel may be, and the answer to a probe on a healthy network.</summary>
    public static readonly TimeSpan KernelLateness = TimeSpan.FromMilliseconds(6);

    public static ClusterTimings Default { get; } = For(TimeSpan.FromMilliseconds(400), 2);

    /// <summary>`lease` is shorter than Corosync's detection: a peer's death stalls the owner for a moment, but a takeover is quick.</summary>
    public bool Fast => Lease < Detection + TimeSpan.FromMilliseconds(80);

    /// <summary>From a node's death until the others' view says so, at most.</summary>
    public TimeSpan Detection => Token + Consensus + TimeSpan.FromMilliseconds(35);

    /// <summary>How often the owner asks for new grants, and a node that wants a VIP asks for it.</summary>
    public TimeSpan Renewal => Lease / 8;

    /// <summary>How long a peer that granted keeps its word, on its own clock: clocks may differ by 1 %, the kernel may be late.</summary>
    public TimeSpan Promise => (Lease * 1.01) + KernelLateness;

    /// <summary>The default lease of so many nodes: steady, and never shorter than that of two.</summary>
    public static ClusterTimings DefaultFor(int nodes) => For(TimeSpan.FromMilliseconds(Math.Max(400, SmallestSteadyLease(nodes).TotalMilliseconds)), nodes);

    /// <summary>The shortest lease that is not <see cref="Fast"/>.</summary>
    public static TimeSpan SmallestSteadyLease(int nodes) => For(TimeSpan.Zero, nodes).Detection + TimeSpan.FromMilliseconds(80);

    /// <param name="nodes">Configured nodes, 1 and up.</param>
    public static ClusterTimings For(TimeSpan lease, int nodes)
    {
        double token = Math.Clamp((lease.TotalMilliseconds - 80 - 35) / (nodes > 2 ? 2.2 : 1.4), 200, 3000);
        double consensus = nodes > 2 ? token * 1.2 : Math.Max(80, token * 0.4);
        return new(lease, TimeSpan.FromMilliseconds(Math.Floor(token)), TimeSpan.FromMilliseconds(Math.Ceiling(consensus)));
    }
}
