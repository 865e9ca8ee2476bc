using System.Collections.Immutable;

namespace ExchangeLb.Cluster.Engine;

/// <summary>Who is there, as one node sees it. Other nodes may see something else at the same moment.</summary>
/// <param name="Epoch">Rises at this node whenever the members change. A view with the epoch of the one before differs only in its verdict.</param>
/// <param name="Self">The node that sees this; always among the members.</param>
/// <param name="Members">Ascending, each once.</param>
/// <param name="Quorum">The verdict on exactly these members.</param>
public sealed record ClusterView(long Epoch, NodeId Self, ImmutableArray<NodeId> Members, QuorumVerdict Quorum);
