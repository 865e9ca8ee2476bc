using System.Collections.Generic;
using System.Collections.Immutable;
using System.Net;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Frames;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>Which hardware addresses are the other nodes', learned from frames that name their addresses.</summary>
internal sealed class PeerAddresses(ImmutableArray<ClusterNodeModel> nodes, NodeId self)
{
    private const int MaxKnown = 256;   // a node has a few devices; who forges more only makes us forget

    private readonly Dictionary<MacAddress, NodeId> _nodeOf = [];
    private readonly Dictionary<(string Device, NodeId Node), MacAddress> _macOf = [];

    /// <summary>The other node that has this address in the model.</summary>
    internal NodeId? NodeAt(IPAddress address)
    {
        foreach (ClusterNodeModel node in nodes)
        {
            if (node.Id != self.Value && node.Addresses.Contains(address)) { return new NodeId(node.Id); }
        }
        return null;
    }

    internal void Learn(string device, NodeId node, MacAddress mac)
    {
        if (_nodeOf.Count >= MaxKnown) { _nodeOf.Clear(); }
        _nodeOf[mac] = node;
        _macOf[(device, node)] = mac;
    }

    internal NodeId? NodeOf(MacAddress mac) => _nodeOf.TryGetValue(mac, out NodeId node) ? node : null;

    internal MacAddress? MacOf(string device, NodeId node) => _macOf.TryGetValue((device, node), out MacAddress mac) ? mac : null;
}
