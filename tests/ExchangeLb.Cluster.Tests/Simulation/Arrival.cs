using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>Something that waits to be handed over to a process.</summary>
internal abstract record Arrival;

/// <param name="From">null: a host that is no node of the cluster.</param>
internal sealed record ProbeAnswer(int Vip, NodeId? From) : Arrival;

internal sealed record PeerAnswer(NodeId From) : Arrival;

internal sealed record Message(NodeId From, MessageKind Kind, byte[] Payload) : Arrival;

internal sealed record View(ClusterView Seen) : Arrival;

internal sealed record Order(System.Action<SimulatedProcess> Run) : Arrival;
