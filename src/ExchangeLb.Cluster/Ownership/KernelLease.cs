using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>This node's lease of one VIP in its kernel, and the only way to set it: permit, clock, commit.</summary>
internal sealed class KernelLease(NodeState node, VipState vip)
{
    /// <summary>Less is not worth a commit.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(2);

    private TimeSpan _committedAt;

    /// <summary>null: none. The kernel's own end is later, by less than the permit's life and the kernel's lateness.</summary>
    internal TimeSpan? End { get; private set; }

    internal bool IsHeld => End is not null;
    internal TimeSpan LongestGap { get; private set; }

    internal void Forget() => End = null;

    /// <summary>
    /// Sets the lease to end by then; what can be late in the kernel, the permit's end and the lease's own, is taken off. Tried twice, for
    /// a short pause lets only the permit expire.
    /// </summary>
    /// <param name="until">null: a lease from now on, since nobody's promise limits it.</param>
    internal CommitOutcome Commit(CommitKind kind, TimeSpan? until)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (!node.Kernel.Permit(vip.Index, GrantTimings.Permit)) { continue; }
            TimeSpan now = node.Clock.Now;
            TimeSpan end = (until ?? now + node.Times.Lease) - GrantTimings.Permit - ClusterTimings.KernelLateness;
            if (end - now < Least) { return CommitOutcome.TooLate; }
            if (!node.Kernel.Commit(vip.Index, kind, node.Incarnation, end - now)) { continue; }
            if (kind == CommitKind.Renew) { LongestGap = Moments.Later(LongestGap, now - _committedAt); }
            (End, _committedAt) = (end, now);
            return CommitOutcome.Done;
        }
        return CommitOutcome.Refused;
    }
}

internal enum CommitOutcome
{
    Done,

    /// <summary>The grants are too old; a lease that is held goes on.</summary>
    TooLate,

    /// <summary>By the kernel: claim or old lease have gone.</summary>
    Refused,
}
