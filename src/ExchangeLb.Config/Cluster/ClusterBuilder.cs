using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Cluster;

/// <summary>Draft -> model.</summary>
internal static class ClusterBuilder
{
    public static ClusterModel Build(ClusterDraft draft)
    {
        int nodes = draft.Nodes.Count;
        ClusterModel model = new(draft.Name,
            [.. draft.Nodes.Select((node, index) => node.Value with { Id = IdOf(node.Value, index) })],
            [.. draft.Vips.Select(vip => vip.Value)])
        {
            Timings = draft.Lease is { } lease ? ClusterTimings.For(lease.Value, nodes) : ClusterTimings.DefaultFor(nodes),
            PreemptDelay = draft.PreemptDelay,
            Gateways = [.. draft.Gateways.Select(gateway => gateway.Value)],
            Hook = draft.Hook,
        };
        return model with
        {
            KeyFile = draft.KeyFile?.Value ?? model.KeyFile,
            Port = draft.Port?.Value ?? model.Port,
            HandOver = draft.HandOver ?? model.HandOver,
        };
    }

    /// <summary>The written id, else the node's place in the file, from 1.</summary>
    public static uint IdOf(ClusterNodeModel node, int index) => node.Id > 0 ? node.Id : (uint)index + 1;
}
