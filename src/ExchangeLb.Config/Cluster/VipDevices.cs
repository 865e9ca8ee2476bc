using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Cluster;

/// <summary>Whether this host has the devices that VIPs are to be on: without its device a node can't have the VIP, and says only that the link is down.</summary>
public static class VipDevices
{
    /// <param name="devices">The host's.</param>
    /// <returns>Null, or the first one that is missing and what is there instead, as one sentence.</returns>
    public static string? Missing(ClusterModel cluster, IReadOnlyCollection<string> devices) => Missing(cluster, before: null, devices);

    /// <summary>The same of VIPs that are new, or on another device than before: one that has its device away for the moment is no reason to refuse others.</summary>
    /// <param name="before">Null: all are new.</param>
    /// <param name="devices">The host's.</param>
    /// <returns>As <see cref="Missing(ClusterModel, IReadOnlyCollection{string})"/>.</returns>
    public static string? Missing(ClusterModel cluster, ClusterModel? before, IReadOnlyCollection<string> devices)
    {
        HashSet<string> known = [.. devices, .. before?.PresentVips.Select(vip => vip.Device) ?? []];
        return cluster.PresentVips.FirstOrDefault(vip => !known.Contains(vip.Device)) is { } lost
            ? $"vip {lost.Address}: this host has no device {lost.Device}; it has {string.Join(", ", devices.Where(name => name != "lo"))}"
            : null;
    }
}
