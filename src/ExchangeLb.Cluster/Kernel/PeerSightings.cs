using System;
using System.Linq;
using System.Net;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Netlink;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// Whose a hardware address is, from the frames of the peers and from this kernel's neighbour table: a node that hasn't been heard of itself is in there,
/// since the cluster's messages have filled it. Owner: the lease thread.
/// </summary>
internal sealed class PeerSightings(ClusterModel model, NodeId self, RouteRequests routes, IMonotonicClock clock)
{
    /// <summary>Between two looks at the neighbour table for a hardware address that nobody knows.</summary>
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(20);

    private readonly PeerAddresses _known = new(model.Nodes, self);
    private TimeSpan _lookNotBefore;

    /// <summary>A frame of a node's own address. Null: it is of another address.</summary>
    internal NodeId? Hear(in NeighbourSighting seen, LinkFrames link)
    {
        if (_known.NodeAt(seen.Address) is not { } peer) { return null; }
        _known.Learn(link.Device, peer, seen.Mac);
        return peer;
    }

    /// <summary>Null: no node's that is known.</summary>
    internal NodeId? WhoseIs(MacAddress mac, LinkFrames link)
    {
        if (_known.NodeOf(mac) is null && link.Link is { } facts && clock.Now >= _lookNotBefore)
        {
            _lookNotBefore = clock.Now + LookPause;
            foreach (ClusterNodeModel node in model.Nodes.Where(node => node.Id != self.Value))
            {
                if (Neighbour(facts, node) is { } known) { _known.Learn(link.Device, new NodeId(node.Id), known); }
            }
        }
        return _known.NodeOf(mac);
    }

    /// <summary>Where frames for a VIP go that a node owns now.</summary>
    internal MacAddress? Find(NodeId owner, KernelVip vip, LinkFacts link)
    {
        if (vip.LastUser is { } user && WhoseIs(user, vip.Link) == owner) { return user; }
        // Last of all whoever announced the VIP since the hand-over began, though no address of his is known.
        return _known.MacOf(vip.Link.Device, owner) ?? (Node(owner) is { } node ? Neighbour(link, node) : null) ?? vip.LastUser;
    }

    private ClusterNodeModel? Node(NodeId id) => model.Nodes.FirstOrDefault(node => node.Id == id.Value);

    private MacAddress? Neighbour(LinkFacts link, ClusterNodeModel node)
    {
        foreach (IPAddress address in node.Addresses)
        {
            if (routes.FindNeighbour(link.Index, address) is { } mac) { return mac; }
        }
        return null;
    }
}
