using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Clustering;

/// <summary>What a running node takes over of another cluster.cfg: VIPs, priorities, preferences, preemption, gateways, `hand-over` and the hook. All else needs a restart.</summary>
internal static class ClusterChange
{
    /// <returns>Null, or what can't be taken over, in one sentence.</returns>
    public static string? Refusal(ClusterModel runs, ClusterModel next)
    {
        string? word = runs.Name != next.Name ? "cluster"
            : !runs.Nodes.Select(Fixed).SequenceEqual(next.Nodes.Select(Fixed)) ? "node"
            : runs.Timings != next.Timings ? "lease"
            : runs.KeyFile != next.KeyFile ? "key-file"
            : runs.Port != next.Port ? "port"
            : null;
        return word is null ? NoPlace(runs, next)
            : $"'{word}' of cluster '{runs.Name}' has changed, which a running node can't take over: restart the nodes, one after the other, or change it back";
    }

    /// <summary>With those VIPs alone that are to be on devices which none was on before: one that is away for the moment stands in no reload's way.</summary>
    public static ClusterModel OnOtherDevices(ClusterModel runs, ClusterModel next) =>
        next with { Vips = [.. next.Vips.Where(vip => runs.PresentVips.All(before => before.Device != vip.Device))] };

    private static string Fixed(ClusterNodeModel node) => $"{node.Id} {node.Name} {string.Join(',', node.Addresses)}";

    private static string? NoPlace(ClusterModel runs, ClusterModel next) => VipPlaces.Keep(runs, next) is not null ? null
        : $"'vip': this process has had {VipPlaces.Max} different ones by reloads, and takes no more: restart the nodes, one after the other";
}
