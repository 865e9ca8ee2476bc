using System;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Netlink;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>A host's end of the wire: raw questions for a VIP, and who answers.</summary>
internal sealed class Wire : IDisposable
{
    private static readonly IPAddress[] Vips = [IPAddress.Parse(KernelWorld.Vip4), IPAddress.Parse(KernelWorld.Vip6)];

    private readonly PacketSocket _arp;
    private readonly PacketSocket _nd;
    private readonly IPAddress[] _own;
    private readonly byte[] _buffer = new byte[256];

    internal Wire(NetworkNamespace host, int number)
    {
        _own = [IPAddress.Parse($"10.77.0.{number}"), IPAddress.Parse($"fd77::{number}")];
        (_arp, _nd, Mac) = host.Inside(() =>
        {
            using RouteRequests routes = RouteRequests.TryOpen(out _)!;
            LinkFacts link = routes.FindLink("eth0")!.Value;
            return (
                PacketSocket.TryOpen(link.Index, ArpFrame.EtherType, FrameFilter.ArpFrom([Vips[0].ToUInt32()]), offload: false, out _)!,
                PacketSocket.TryOpen(link.Index, NeighbourFrame.EtherType, FrameFilter.Neighbours, offload: false, out _)!,
                link.Mac);
        });
    }

    internal MacAddress Mac { get; }

    /// <summary>Asks, and collects who has answered after the wait.</summary>
    /// <param name="fromNobody">As a probe does; else in the host's own name.</param>
    internal HashSet<MacAddress> WhoHas(int vip, bool fromNobody, TimeSpan wait)
    {
        Heard(vip);
        Ask(vip, fromNobody);
        Elapse.For(wait);
        return Heard(vip);
    }

    internal SysResult Ask(int vip, bool fromNobody)
    {
        IPAddress target = Vips[vip];
        byte[] frame = new byte[NeighbourFrame.MaxLength];
        if (vip == KernelWorld.V4)
        {
            (fromNobody ? ArpFrame.Probe(Mac, target.ToUInt32()) : ArpFrame.Request(Mac, _own[0].ToUInt32(), target.ToUInt32())).Write(frame);
            return _arp.Send(frame.AsSpan(0, ArpFrame.Length));
        }
        int length = (fromNobody ? NeighbourFrame.Probe(Mac, target.ToUInt128()) : NeighbourFrame.Request(Mac, _own[1].ToUInt128(), target.ToUInt128())).Write(frame);
        return _nd.Send(frame.AsSpan(0, length));
    }

    /// <summary>As a process would that believes itself to be owner.</summary>
    internal SysResult Announce(int vip)
    {
        byte[] frame = new byte[NeighbourFrame.MaxLength];
        if (vip == KernelWorld.V4)
        {
            ArpFrame.AnnounceAsReply(Mac, Vips[0].ToUInt32()).Write(frame);
            return _arp.Send(frame.AsSpan(0, ArpFrame.Length));
        }
        int length = NeighbourFrame.Announcement(Mac, Vips[1].ToUInt128()).Write(frame);
        return _nd.Send(frame.AsSpan(0, length));
    }

    /// <summary>Who has named the VIP as its own since the last look.</summary>
    internal HashSet<MacAddress> Heard(int vip)
    {
        HashSet<MacAddress> heard = [];
        PacketSocket socket = vip == KernelWorld.V4 ? _arp : _nd;
        while (socket.Receive(_buffer) is { Ok: true } received)
        {
            ReadOnlySpan<byte> frame = _buffer.AsSpan(0, received.Count);
            if (ArpFrame.TryRead(frame, out ArpFrame arp) && vip == KernelWorld.V4)
            {
                heard.Add(arp.SenderMac);
            }
            else if (NeighbourFrame.TryRead(frame, out NeighbourFrame nd) && nd.Kind == NeighbourMessageKind.Advertisement && nd.Target == Vips[1].ToUInt128())
            {
                heard.Add(nd.LinkLayer ?? nd.SourceMac);
            }
        }
        return heard;
    }

    /// <summary>Asks every millisecond until nobody has answered for a while: when the last question was sent that got an answer.</summary>
    internal TimeSpan LastAnswered(int vip, TimeSpan silence)
    {
        TimeSpan last = KernelClock.Monotonic;
        for (TimeSpan sent = last; sent < last + silence;)
        {
            sent = KernelClock.Monotonic;
            Ask(vip, fromNobody: false);
            Elapse.For(TimeSpan.FromMilliseconds(1));
            if (Heard(vip).Count > 0) { last = sent; }
        }
        return last;
    }

    public void Dispose()
    {
        _arp.Dispose();
        _nd.Dispose();
    }
}
