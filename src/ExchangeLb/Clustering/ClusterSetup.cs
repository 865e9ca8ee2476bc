using System;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Clustering;

/// <summary>What a node of a cluster knows before it starts.</summary>
/// <param name="Self">This node.</param>
/// <param name="Incarnation">Nanoseconds of the wall clock at start: higher than in any earlier life.</param>
internal sealed record ClusterSetup(ClusterModel Model, ClusterNodeModel Self, ClusterPaths Paths, ulong Incarnation)
{
    public NodeId SelfId => new(Self.Id);

    /// <summary>For people: a node that is not configured (any more) is named by its number.</summary>
    public string NameOf(NodeId node) =>
        Model.Nodes.FirstOrDefault(configured => configured.Id == node.Value)?.Name ?? $"node {node}";

    public ClusterNodeModel? Find(string name) =>
        Model.Nodes.FirstOrDefault(node => string.Equals(node.Name, name, StringComparison.OrdinalIgnoreCase));
}
