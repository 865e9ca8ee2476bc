using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Polling;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// ARP and ND on one device: sends questions and announcements, reads what neighbours say. The device may go and come back: its frames then need sockets anew.
/// Owner: one thread.
/// </summary>
/// <param name="events">Where the sockets are waited for, under <paramref name="key"/>.</param>
internal sealed class LinkFrames(string device, EpollSet events, ulong key) : IDisposable
{
    private const int LongestFrame = 256;   // ND with options; longer ones are not ours

    private readonly byte[] _frame = new byte[LongestFrame];
    private PacketSocket? _arp;
    private PacketSocket? _nd;
    private uint[] _arpSenders = [];

    internal string Device => device;

    internal LinkFacts? Link { get; private set; }

    internal bool Up => Link is { Up: true } && _arp is not null;

    /// <summary>Whose ARP is wanted; ND is read in full.</summary>
    internal void SetSenders(IEnumerable<IPAddress> senders)
    {
        _arpSenders = [.. senders.Where(address => address.AddressFamily == AddressFamily.InterNetwork).Select(address => address.ToUInt32()).Distinct()];
        _arp?.SetFilter(FrameFilter.ArpFrom(_arpSenders));
    }

    /// <summary>Takes what is known of the device now; null: it is gone.</summary>
    /// <returns>Whether it is up or not, or who it is, has changed.</returns>
    internal bool Update(LinkFacts? link)
    {
        (bool up, MacAddress? mac) before = (Up, Link?.Mac);
        if (link?.Index != Link?.Index)
        {
            Close();
            if (link is { Mac.Value: not 0 } found)
            {
                Open(found.Index);
            }
        }
        Link = link;
        return before != (Up, Link?.Mac);
    }

    /// <summary>Takes a change of links, if it concerns the device: one that is renamed is gone, and so is one that leaves the host.</summary>
    /// <returns>As <see cref="Update"/>.</returns>
    internal bool Apply(in RouteChange change)
    {
        if (change.Kind is not (RouteChangeKind.Link or RouteChangeKind.LinkGone) || !(change.Link.Name == device || change.Link.Index == Link?.Index))
        {
            return false;
        }
        if (change.Kind == RouteChangeKind.Link && change.Link.Mtu == 0)
        {
            return false;   // a driver's own message, which does not describe the device
        }
        return Update(change.Kind == RouteChangeKind.Link && change.Link.Name == device ? change.Link : null);
    }

    /// <summary>Asks from no address.</summary>
    internal void SendProbe(IPAddress target)
    {
        if (Link is not { } link) { return; }
        if (target.AddressFamily == AddressFamily.InterNetwork) { Send(ArpFrame.Probe(link.Mac, target.ToUInt32())); }
        else { Send(NeighbourFrame.Probe(link.Mac, target.ToUInt128())); }
    }

    /// <summary>Asks in the name of an address of this host, of the same family.</summary>
    internal void SendRequest(IPAddress own, IPAddress target)
    {
        if (Link is not { } link) { return; }
        if (target.AddressFamily == AddressFamily.InterNetwork) { Send(ArpFrame.Request(link.Mac, own.ToUInt32(), target.ToUInt32())); }
        else { Send(NeighbourFrame.Request(link.Mac, own.ToUInt128(), target.ToUInt128())); }
    }

    internal void Announce(IPAddress address)
    {
        if (Link is not { } link) { return; }
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            Send(ArpFrame.AnnounceAsRequest(link.Mac, address.ToUInt32()));
            Send(ArpFrame.AnnounceAsReply(link.Mac, address.ToUInt32()));
        }
        else
        {
            Send(NeighbourFrame.Announcement(link.Mac, address.ToUInt128()));
        }
    }

    /// <summary>The next frame that tells something; this host's own are left.</summary>
    internal bool TryReceive(out NeighbourSighting sighting)
    {
        while (TryReceiveFrame(_arp, out ReadOnlySpan<byte> frame))
        {
            if (ArpFrame.TryRead(frame, out ArpFrame arp) && arp.SenderMac != Link?.Mac)
            {
                bool answer = arp.Operation == ArpOperation.Reply && arp.TargetMac == Link?.Mac;
                sighting = new NeighbourSighting(IpNumbers.ToAddress(arp.SenderAddress), arp.SenderMac, answer);
                return true;
            }
        }
        while (TryReceiveFrame(_nd, out ReadOnlySpan<byte> frame))
        {
            if (NeighbourFrame.TryRead(frame, out NeighbourFrame nd) && (nd.LinkLayer ?? nd.SourceMac) is var mac && mac != Link?.Mac)
            {
                bool advertisement = nd.Kind == NeighbourMessageKind.Advertisement;
                bool answer = advertisement && nd.Flags.HasFlag(NeighbourFlags.Solicited);
                sighting = new NeighbourSighting(IpNumbers.ToAddress(advertisement ? nd.Target : nd.Source), mac, answer);
                return true;
            }
        }
        sighting = default;
        return false;
    }

    public void Dispose() => Close();

    private void Open(int index)
    {
        _arp = Listening(PacketSocket.TryOpen(index, ArpFrame.EtherType, FrameFilter.ArpFrom(_arpSenders), offload: false, out _));
        _nd = Listening(PacketSocket.TryOpen(index, NeighbourFrame.EtherType, FrameFilter.Neighbours, offload: false, out _));
    }

    private PacketSocket? Listening(PacketSocket? socket)
    {
        if (socket is not null)
        {
            events.Add(socket.Fd, EpollBits.EPOLLIN, key);
        }
        return socket;
    }

    private void Close()
    {
        _arp?.Dispose();
        _nd?.Dispose();
        (_arp, _nd) = (null, null);
    }

    private bool TryReceiveFrame(PacketSocket? socket, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        while (socket is not null)
        {
            SysResult received = socket.Receive(_frame);
            if (received.Failed && received.Error is not (Errno.EINTR or Errno.ENETDOWN))
            {
                return false;
            }
            if (received.Ok && received.Count > 0)
            {
                frame = _frame.AsSpan(0, received.Count);
                return true;
            }
        }
        return false;
    }

    /// <summary>What is not sent is not heard, and asked again: a device that is down, a full queue and the fence are all that can refuse.</summary>
    private void Send(in ArpFrame arp)
    {
        Span<byte> frame = stackalloc byte[ArpFrame.Length];
        arp.Write(frame);
        _ = _arp?.Send(frame);
    }

    private void Send(in NeighbourFrame nd)
    {
        Span<byte> frame = stackalloc byte[NeighbourFrame.MaxLength];
        int length = nd.Write(frame);
        _ = _nd?.Send(frame[..length]);
    }
}
