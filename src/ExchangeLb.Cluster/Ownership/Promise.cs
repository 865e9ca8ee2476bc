using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>This node's word, for one VIP, to grant nobody else and not to acquire until then.</summary>
/// <param name="To">null: nobody has it.</param>
/// <param name="Until">On this node's clock.</param>
internal readonly record struct Promise(NodeId? To, ulong Incarnation, TimeSpan Until)
{
    internal static Promise None => new(null, 0, Moments.Never);

    internal bool IsLive(TimeSpan now) => To is not null && now < Until;

    internal bool BindsAgainst(NodeId node, TimeSpan now) => IsLive(now) && To != node;
}
