using System;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Netlink;

/// <summary>Hears of every change of links and addresses on this host (rtnetlink(7), multicast groups). Owner: one thread.</summary>
public sealed class RouteMonitor : IDisposable
{
    private const int RTNLGRP_LINK = 1;
    private const int RTNLGRP_IPV4_IFADDR = 5;
    private const int RTNLGRP_IPV6_IFADDR = 9;
    private const ushort RTM_DELADDR = 21;
    private const ushort IFA_ADDRESS = 1;
    private const ushort IFA_LOCAL = 2;
    private const int ReceiveBuffer = 1024 * 1024;

    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = new byte[32 * 1024];

    private RouteMonitor(NetlinkSocket socket) => _socket = socket;

    /// <summary>Readable when something has changed.</summary>
    public int Fd => _socket.Fd;

    public static RouteMonitor? TryOpen(out SysResult result)
    {
        if (NetlinkSocket.TryOpen(NetlinkSocket.NETLINK_ROUTE, out result) is not { } socket)
        {
            return null;
        }
        socket.SetReceiveBuffer(ReceiveBuffer);
        foreach (int group in (ReadOnlySpan<int>)[RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR])
        {
            result = socket.Join(group);
            if (result.Failed)
            {
                socket.Dispose();
                return null;
            }
        }
        return new RouteMonitor(socket);
    }

    /// <summary>Adds all that is waiting, in order.</summary>
    /// <returns>False: the kernel had to leave changes out; whoever keeps facts must ask for them anew.</returns>
    public bool Drain(List<RouteChange> changes)
    {
        bool complete = true;
        while (true)
        {
            SysResult received = _socket.Receive(_buffer, wait: false);
            if (received.Error == Errno.ENOBUFS)
            {
                complete = false;
                continue;
            }
            if (received.Failed && received.Error != Errno.EINTR)
            {
                return complete;
            }
            NetlinkReader reader = new(_buffer.AsSpan(0, Math.Max(0, received.Count)));
            while (reader.Next())
            {
                Read(reader, changes);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    internal static bool TryReadAddress(in NetlinkReader message, out int link, out IPAddress? address, out int prefixLength)
    {
        link = 0;
        address = null;
        prefixLength = 0;
        if (!message.TryFixed(out AddressMessage fixedPart, out AttributeReader attributes))
        {
            return false;
        }
        bool local = false;   // IFA_ADDRESS is the other end of a point-to-point link, where there is one
        while (attributes.Next())
        {
            if (attributes.Value.Length is 4 or 16 && (attributes.Type == IFA_LOCAL || (attributes.Type == IFA_ADDRESS && !local)))
            {
                local |= attributes.Type == IFA_LOCAL;
                address = new IPAddress(attributes.Value);
            }
        }
        link = (int)fixedPart.Index;
        prefixLength = fixedPart.PrefixLength;
        return address is not null;
    }

    private static void Read(in NetlinkReader message, List<RouteChange> changes)
    {
        switch (message.Header.Type)
        {
            case LinkFacts.RTM_NEWLINK or LinkFacts.RTM_DELLINK when message.TryFixed(out LinkMessage link, out AttributeReader attributes):
                // Bridges speak of their ports with messages of family AF_BRIDGE: a port that leaves its bridge is not gone.
                if (link.Family == 0)
                {
                    changes.Add(new RouteChange(
                        message.Header.Type == LinkFacts.RTM_NEWLINK ? RouteChangeKind.Link : RouteChangeKind.LinkGone, LinkFacts.From(link, attributes), null));
                }
                break;
            case RTM_DELADDR when TryReadAddress(message, out int index, out IPAddress? address, out _):
                changes.Add(new RouteChange(RouteChangeKind.AddressGone, new LinkFacts(index, "", false, default, 0), address));
                break;
            default:
                break;
        }
    }
}

/// <param name="Link">Of an address only the index.</param>
/// <param name="Address">Of a change of addresses.</param>
public readonly record struct RouteChange(RouteChangeKind Kind, LinkFacts Link, IPAddress? Address);

public enum RouteChangeKind
{
    /// <summary>A link is new, or something of it has changed.</summary>
    Link,
    LinkGone,
    AddressGone,
}
