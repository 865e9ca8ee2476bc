using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Replication.Knowing;

/// <summary>How much of one life of one node somebody knows. Each life numbers its batches from 1.</summary>
/// <param name="Known">The effects of all batches up to this number.</param>
/// <param name="Heard">The highest number that was heard of; above <paramref name="Known"/>: something between was missed.</param>
internal readonly record struct KnownStream(NodeId Node, ulong Incarnation, ulong Known, ulong Heard);
