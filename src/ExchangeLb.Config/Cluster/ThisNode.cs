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

    private static ClusterNodeModel? ByName(ClusterModel cluster, string name) =>
        cluster.Nodes.FirstOrDefault(node => node.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
