using System.Collections.Generic;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>What changes in a fence that stands.</summary>
/// <param name="Devices">That it has not met yet.</param>
internal sealed record FenceChange(IReadOnlyList<VipTarget> Added, IReadOnlyList<VipTarget> Removed, IReadOnlyList<string> Devices)
{
    internal bool IsEmpty => Added.Count == 0 && Removed.Count == 0 && Devices.Count == 0;
}
