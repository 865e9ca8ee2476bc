using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>A node's VIPs in its kernel, and the devices that they, and the peers, are reached through. Owner: the lease thread.</summary>
internal sealed class KernelVips
{
    /// <summary>By their places; those that have gone are fenced no more, and nothing is done for them.</summary>
    internal ImmutableArray<KernelVip> All { get; set; } = [];

    internal ImmutableArray<LinkFrames> Links { get; set; } = [];

    internal IEnumerable<KernelVip> Present => All.Where(vip => !vip.IsGone);

    internal KernelVip this[int place] => All[place];

    internal LinkFrames LinkOf(string device) => Links.First(link => link.Device == device);
}
