using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <param name="Self">This node's id in the model.</param>
/// <param name="Incarnation">Of this process: higher than that of any earlier life of this node (wall-clock nanoseconds at start do).</param>
public sealed record OwnershipOptions(ClusterModel Model, NodeId Self, ulong Incarnation);
