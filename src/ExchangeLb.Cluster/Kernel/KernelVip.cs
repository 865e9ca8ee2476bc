using System;
using ExchangeLb.Linux.Frames;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>What a node knows of one VIP in its kernel. Owner: the lease thread.</summary>
internal sealed class KernelVip(VipTarget target, bool egress, LinkFrames link)
{
    internal VipTarget Target { get; set; } = target;

    internal LeaseCommands Commands { get; } = new(target, egress);

    internal LinkFrames Link { get; set; } = link;

    /// <summary>It was taken away by a reload.</summary>
    internal bool IsGone { get; set; }

    /// <summary>At most until then the kernel lets the VIP pass.</summary>
    internal TimeSpan? LeaseEnd { get; set; }

    /// <summary>At most until then the kernel lets no TCP of the VIP pass.</summary>
    internal TimeSpan? FrozenEnd { get; set; }

    /// <summary>Since the freeze began, others have not taken it away; that it has not run out the kernel knows.</summary>
    internal bool FrozenThroughout { get; set; }

    internal ulong Incarnation { get; set; }

    internal TimeSpan AddressDue { get; set; }

    internal HeldFrames? Held { get; set; }

    /// <summary>Who used the VIP last, other than this host.</summary>
    internal MacAddress? LastUser { get; set; }
}
