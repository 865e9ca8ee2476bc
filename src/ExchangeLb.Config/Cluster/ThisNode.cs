using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Cluster;

/// <summary>Which of the nodes is this host: the one that was named, else the one of the host's name, else the one that has one of its addresses.</summary>
public static class ThisNode
{
    /// <param name="named">`--node`; null: not given.</param>
    /// <param name="hostName">Its part before the first dot is enough.</param>
    /// <param name="hostAddresses">All that the host's devices have.</param>
    /// <returns>The node, or null and what to do about it, as one sentence.</returns>
    public static (ClusterNodeModel? Node, string Problem) Find(
        ClusterModel cluster, string? named, string hostName, IReadOnlyCollection<IPAddress> hostAddresses)
    {
        string names = string.Join(", ", cluster.Nodes.Select(node => node.Name));
        if (named is not null)
        {
            string remedy = NearestWord.Find(named, cluster.Nodes.Select(node => node.Name)) is { } nearest
                ? $"did you mean '{nearest}'?" : $"nodes are: {names}";
            return (ByName(cluster, named), $"--node {named}: cluster '{cluster.Name}' has no such node; {remedy}");
        }
        if ((ByName(cluster, hostName) ?? ByName(cluster, hostName.Split('.')[0])) is { } byName)
        {
            return (byName, "");
        }
        ClusterNodeModel[] here = [.. cluster.Nodes.Where(node => node.Addresses.Any(hostAddresses.Contains))];
        return here.Length == 1 ? (here[0], "") : (null, here.Length == 0
            ? $"no node of cluster '{cluster.Name}' is called '{hostName}', and none of their addresses is on this host; write --node with one of: {names}"
            : $"this host has addresses of several nodes ({string.Join(", ", here.Select(node => node.Name))}); write --node with one of them");
    }

    /// <summary>Whether this host can be that node: Corosync starts only where it finds the node's first address, and without the second uses one link.</summary>
    /// <param name="hostAddresses">All that the host's devices have.</param>
    /// <returns>Null, or an alert (<paramref name="fatal"/>) or a warning and what to do about it, as one sentence.</returns>
    public static string? Missing(ClusterModel cluster, ClusterNodeModel self, IReadOnlyCollection<IPAddress> hostAddresses, out bool fatal)
    {
        IPAddress[] missing = [.. self.Addresses.Where(address => !hostAddresses.Contains(address))];
        fatal = missing.Contains(self.Addresses[0]) && cluster.Nodes.Length > 1;
        if (missing.Length == 0)
        {
            return null;
        }
        string others = string.Join(", ", cluster.Nodes.Where(node => node != self && node.Addresses.Any(hostAddresses.Contains)).Select(node => node.Name));
        string remedy = others.Length > 0 ? $"this host has those of {others}: start it with --node {others.Split(',')[0]}, or correct the 'node' lines of cluster.cfg"
            : "give it to a device ('ip address' shows what is there), or correct the 'node' line of cluster.cfg";
        return $"node '{self.Name}' of cluster '{cluster.Name}': no device of this host has {string.Join(" or ", missing.AsEnumerable())}; {remedy}";
    }

    /// <summary>Whether this host has the devices of the virtual IPs. Without any of them the node could own nothing; without one it is there for the others.</summary>
    /// <param name="hostDevices">The names of all that it has.</param>
    /// <returns>Null, or an alert (<paramref name="fatal"/>) or a warning and what to do about it, as one sentence.</returns>
    public static string? MissingDevice(ClusterModel cluster, IReadOnlyCollection<string> hostDevices, out bool fatal)
    {
        VipModel[] lost = [.. cluster.Vips.Where(vip => !hostDevices.Contains(vip.Device))];
        fatal = lost.Length > 0 && lost.Length == cluster.Vips.Length;
        return lost.Length == 0 ? null
            : $"vip {lost[0].Address}: this host has no device {lost[0].Device}; it has {string.Join(", ", hostDevices.Where(name => name != "lo"))}: "
                + "correct 'dev' in cluster.cfg, or bring that device up first";
    }

    private static ClusterNodeModel? ByName(ClusterModel cluster, string name) =>
        cluster.Nodes.FirstOrDefault(node => node.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
