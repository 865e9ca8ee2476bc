using System.Net;
using ExchangeLb.Linux.Frames;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>A frame in which a neighbour names an address as its own.</summary>
/// <param name="IsAnswer">It answers a question of this host; else it asks, announces, or answers others.</param>
internal readonly record struct NeighbourSighting(IPAddress Address, MacAddress Mac, bool IsAnswer);
