using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>How one VIP stands at this node, at one moment of its monotonic clock.</summary>
/// <param name="Owner">As far as this node knows.</param>
/// <param name="OwnerSince">When this node learned it.</param>
/// <param name="LeaseEnd">When this node's own lease lapses unless it is renewed; null: it has none.</param>
/// <param name="Solo">Serves without grants.</param>
/// <param name="AcquiredTotal">Times that this node became owner.</param>
public readonly record struct VipOwnership(
    VipRole Role, NodeId? Owner, TimeSpan OwnerSince, TimeSpan? LeaseEnd, bool Solo, long AcquiredTotal);
