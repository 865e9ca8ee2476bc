using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Config.Cluster;

/// <summary>What only shows when all lines of a cluster are known: names and addresses taken twice, links that don't match, orders of unknown nodes.</summary>
internal sealed class ClusterChecks(ClusterDraft cluster, DiagnosticList diagnostics)
{
    public void Run()
    {
        if (!cluster.HasNodeLine)
        {
            Alert(cluster.Place, "has no node", "write for each: node <name> <address>[,<address>]");
        }
        if (!cluster.HasVipLine)
        {
            Alert(cluster.Place, "has no VIP, so there is nothing to take over", "write: vip <address>/<length> dev <device>");
        }
        CheckNames();
        CheckLinks();
        CheckAddresses();
        CheckPreferences();
        CheckPorts();
        if (!diagnostics.HasAlerts)
        {
            CheckNetworks();
            CheckPeers();
            CheckLease();
        }
    }

    private void CheckNames()
    {
        Dictionary<string, SourcePlace> names = new(StringComparer.OrdinalIgnoreCase);
        Dictionary<uint, Placed<ClusterNodeModel>> ids = [];
        foreach ((Placed<ClusterNodeModel> node, int index) in cluster.Nodes.Select((node, index) => (node, index)))
        {
            if (!names.TryAdd(node.Value.Name, node.Place))
            {
                Alert(node, $"has the name of the node in line {names[node.Value.Name].Line}", "choose another");
            }
            uint id = ClusterBuilder.IdOf(node.Value, index);
            if (!ids.TryAdd(id, node))
            {
                Alert(node, $"has id {id}, as node '{ids[id].Value.Name}' in line {ids[id].Place.Line} has already",
                    "write an id of its own for each node; without one it is the node's place in the file");
            }
        }
    }

    /// <summary>Corosync wants every node in every link, and one address family a link.</summary>
    private void CheckLinks()
    {
        foreach (Placed<ClusterNodeModel> node in cluster.Nodes.Skip(1))
        {
            ClusterNodeModel first = cluster.Nodes[0].Value;
            if (node.Value.Addresses.Length != first.Addresses.Length)
            {
                Alert(node, $"has {Count(node.Value)}, node '{first.Name}' has {Count(first)}", "write one for each network, on every node");
                continue;
            }
            for (int link = 0; link < first.Addresses.Length; link++)
            {
                if (node.Value.Addresses[link].AddressFamily != first.Addresses[link].AddressFamily)
                {
                    Alert(node, $"has {node.Value.Addresses[link]} where node '{first.Name}' has {first.Addresses[link]}",
                        "use IPv4 or IPv6 in a network, the same on every node, and keep the order of the networks");
                }
            }
        }
    }

    private void CheckAddresses()
    {
        Dictionary<IPAddress, string> owners = [];
        foreach (Placed<ClusterNodeModel> node in cluster.Nodes)
        {
            Claim(owners, node.Value.Addresses, $"node {node.Value.Name}", node.Place, "every node and network has an address of its own");
        }
        foreach (Placed<VipModel> vip in cluster.Vips)
        {
            Claim(owners, [vip.Value.Address], $"vip {vip.Value.Address}", vip.Place, "a VIP is an address that no host has for itself, written once");
        }
        foreach (Placed<IPAddress> gateway in cluster.Gateways)
        {
            Claim(owners, [gateway.Value], "gateway", gateway.Place, "a gateway is a host outside the cluster, written once");
        }
    }

    private void Claim(Dictionary<IPAddress, string> owners, ImmutableArray<IPAddress> addresses, string owner, SourcePlace place, string remedy)
    {
        foreach (IPAddress address in addresses.Where(address => !owners.TryAdd(address, $"'{owner}' in line {place.Line}")))
        {
            diagnostics.Alert(place, $"{cluster.Title}: '{owner}' has the address {address}, as {owners[address]} has already; {remedy}");
        }
    }

    private void CheckPreferences()
    {
        string[] names = [.. cluster.Nodes.Select(node => node.Value.Name)];
        foreach (Placed<VipModel> vip in cluster.Vips)
        {
            string title = $"vip {vip.Value.Address} … prefer";
            foreach (string name in vip.Value.Prefer.Distinct(StringComparer.Ordinal).Where(name => !names.Contains(name)))
            {
                Alert(vip.Place, title, $"names '{name}', which is no node",
                    NearestWord.Find(name, names) is { } nearest ? $"did you mean '{nearest}'?" : $"nodes are: {string.Join(", ", names)}");
            }
            foreach (string name in vip.Value.Prefer.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
            {
                Alert(vip.Place, title, $"names '{name}' twice", "write each node once, the preferred one first");
            }
        }
    }

    private void CheckPorts()
    {
        if (cluster.Port is { Value: ushort.MaxValue } port && cluster.Nodes.Any(node => node.Value.Addresses.Length > 1))
        {
            Alert(port.Place, "port", "leaves no port for the second network, which uses the next one", $"write one up to {ushort.MaxValue - 1}");
        }
    }

    /// <summary>The most frequent slip: the addresses of a node in the wrong order, so that the VIP's network is not the first.</summary>
    private void CheckNetworks()
    {
        foreach (Placed<VipModel> vip in cluster.Vips.Where(vip => !vip.Value.IsFullLength))
        {
            foreach (Placed<ClusterNodeModel> node in cluster.Nodes)
            {
                if (!vip.Value.Holds(node.Value.Addresses[0]) && node.Value.Addresses.Skip(1).Any(vip.Value.Holds))
                {
                    Warning(node, $"has its second address, not its first, in the network of VIP {vip.Value.Address}",
                        "write the service network's address first: it is the one whose silence counts");
                }
            }
            CheckVipsNetwork(vip);
        }
    }

    private void CheckVipsNetwork(Placed<VipModel> vip)
    {
        ClusterNodeModel[] outside = [.. new ClusterModel("", [.. cluster.Nodes.Select(node => node.Value)], []).NodesOutside(vip.Value)];
        if (outside.Length > 0)
        {
            diagnostics.Warning(vip.Place, $"{cluster.Title}: 'vip {vip.Value.Address}/{vip.Value.PrefixLength}' is outside of the network of "
                + $"{string.Join(", ", outside.Select(node => $"node {node.Name} ({node.Addresses[0]})"))}, so its clients or servers may not reach it there; "
                + "correct the address, or its length if the routers know it");
        }
    }

    /// <summary>Legal, for trying out and while the second host is being made; but nobody should run it unawares.</summary>
    private void CheckPeers()
    {
        if (cluster.Nodes.Count == 1)
        {
            diagnostics.Notice(cluster.Nodes[0].Place, $"{cluster.Title}: 'node {cluster.Nodes[0].Value.Name}' is the only one: nobody takes over when it dies; "
                + "write a second: node <name> <address>[,<address>]");
        }
    }

    private void CheckLease()
    {
        if (cluster.Lease is not { } lease || !ClusterTimings.For(lease.Value, cluster.Nodes.Count).Fast)
        {
            return;
        }
        string smallest = LeaseLine.Text(ClusterTimings.SmallestSteadyLease(cluster.Nodes.Count));
        diagnostics.Notice(lease.Place,
            $"{cluster.Title}: 'lease {LeaseLine.Text(lease.Value)}' is a fast lease: it needs real-time scheduling, and the owner stalls briefly when a peer dies; "
            + $"the smallest steady lease of {cluster.Nodes.Count} nodes is {smallest}");
    }

    private static string Count(ClusterNodeModel node) => node.Addresses.Length == 1 ? "1 address" : $"{node.Addresses.Length} addresses";

    private void Alert(SourcePlace place, string problem, string remedy) => diagnostics.Alert(place, $"{cluster.Title}: {problem}; {remedy}");

    private void Alert(SourcePlace place, string line, string problem, string remedy) =>
        diagnostics.Alert(place, $"{cluster.Title}: '{line}' {problem}; {remedy}");

    private void Alert(Placed<ClusterNodeModel> node, string problem, string remedy) => Alert(node.Place, $"node {node.Value.Name}", problem, remedy);

    private void Warning(Placed<ClusterNodeModel> node, string problem, string remedy) =>
        diagnostics.Warning(node.Place, $"{cluster.Title}: 'node {node.Value.Name}' {problem}; {remedy}");
}
