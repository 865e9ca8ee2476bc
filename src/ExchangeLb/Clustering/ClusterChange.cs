using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Clustering;

/// <summary>What a running node takes over of another cluster.cfg: priorities, preferences, preemption, gateways and the hook. All else needs a restart.</summary>
internal static class ClusterChange
{
    /// <returns>Null, or what can't be taken over, in one sentence.</returns>
    public static string? Refusal(ClusterModel runs, ClusterModel next)
    {
        string? word = runs.Name != next.Name ? "cluster"
            : !runs.Nodes.Select(Fixed).SequenceEqual(next.Nodes.Select(Fixed)) ? "node"
            : !runs.Vips.Select(Fixed).SequenceEqual(next.Vips.Select(Fixed)) ? "vip"
            : runs.Timings != next.Timings ? "lease"
            : runs.KeyFile != next.KeyFile ? "key-file"
            : runs.Port != next.Port ? "port"
            : runs.HandOver != next.HandOver ? "hand-over"
            : null;
        return word is null ? null
            : $"'{word}' of cluster '{runs.Name}' has changed, which a running node can't take over: restart the nodes, one after the other, or change it back";
    }

    private static string Fixed(ClusterNodeModel node) => $"{node.Id} {node.Name} {string.Join(',', node.Addresses)}";

    private static string Fixed(VipModel vip) => $"{vip.Address}/{vip.PrefixLength} {vip.Device}";
}
