using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Replication;

/// <param name="Model">For the names of nodes.</param>
/// <param name="Self">This node's id in the model.</param>
/// <param name="Incarnation">Of this process: higher than that of any earlier life of this node (wall-clock nanoseconds at start do); below 2^63.</param>
public sealed record ReplicationOptions(ClusterModel Model, NodeId Self, ulong Incarnation)
{
    /// <summary>Local updates that may wait to be sent; a power of two. Beyond it they are counted and made up for by teaching.</summary>
    public int QueueLength { get; init; } = 65_536;
}
