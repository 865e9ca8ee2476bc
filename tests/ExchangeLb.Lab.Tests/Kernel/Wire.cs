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
    /// <summary>In whose names <see cref="LastAnswered"/> asks by turns: 10.77.0.120 and on, fd77::1:0 and on, which no host has.</summary>
    private const int Askers = 128;

    private static readonly IPAddress[] Vips = [IPAddress.Parse(KernelWorld.Vip4), IPAddress.Parse(KernelWorld.Vip6)];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

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

    /// <summary>
    /// The same where an answer is expected: asks until somebody answers, since an IPv6 address hears its solicited-node group only after a work queue of
    /// the kernel has joined it (addrconf_dad_work), and then waits for others who answer.
    /// </summary>
    internal HashSet<MacAddress> WhoAnswers(int vip, bool fromNobody, TimeSpan wait)
    {
        Heard(vip);
        HashSet<MacAddress> heard = [];
        for (TimeSpan start = KernelClock.Monotonic; heard.Count == 0 && KernelClock.Monotonic < start + Patience;)
        {
            Ask(vip, fromNobody);
            Elapse.For(TimeSpan.FromMilliseconds(5));
            heard = Heard(vip);
        }
        Elapse.For(wait);
        heard.UnionWith(Heard(vip));
        return heard;
    }

    internal SysResult Ask(int vip, bool fromNobody)
    {
        IPAddress target = Vips[vip];
        return vip == KernelWorld.V4
            ? Send(fromNobody ? ArpFrame.Probe(Mac, target.ToUInt32()) : ArpFrame.Request(Mac, _own[0].ToUInt32(), target.ToUInt32()))
            : Send(fromNobody ? NeighbourFrame.Probe(Mac, target.ToUInt128()) : NeighbourFrame.Request(Mac, _own[1].ToUInt128(), target.ToUInt128()));
    }

    /// <summary>As a process would that believes itself to be owner.</summary>
    internal SysResult Announce(int vip)
    {
        return vip == KernelWorld.V4 ? Send(ArpFrame.AnnounceAsReply(Mac, Vips[0].ToUInt32())) : Send(NeighbourFrame.Announcement(Mac, Vips[1].ToUInt128()));
    }

    /// <summary>Who has named the VIP as its own since the last look.</summary>
    internal HashSet<MacAddress> Heard(int vip)
    {
        HashSet<MacAddress> heard = [];
        while (NextAnswer(vip) is { } answer) { heard.Add(answer.Who); }
        return heard;
    }

    /// <summary>
    /// Asks every millisecond until nobody has answered for a while: when the last question was sent that got an answer. An answer may come late, so each
    /// question is asked in another name, which its answer tells.
    /// </summary>
    /// <param name="stoodStill">The longest that the kernel's tick, and with it all its timers, was behind its clock meanwhile: a machine whose
    /// processors are taken away has no ticks.</param>
    internal TimeSpan LastAnswered(int vip, TimeSpan silence, out TimeSpan stoodStill)
    {
        TimeSpan[] asked = new TimeSpan[Askers];
        TimeSpan last = KernelClock.Monotonic;
        stoodStill = TimeSpan.Zero;
        for (int number = 0; KernelClock.Monotonic < last + silence; number = (number + 1) % Askers)
        {
            asked[number] = KernelClock.Monotonic;
            if (vip == KernelWorld.V4)
            {
                Send(ArpFrame.Request(Mac, FirstAsker4 + (uint)number, Vips[0].ToUInt32()));
            }
            else
            {
                Send(NeighbourFrame.Request(Mac, FirstAsker6 + (UInt128)(uint)number, Vips[1].ToUInt128()));
            }
            TimeSpan behind = TickClock.Behind;
            if (behind > stoodStill) { stoodStill = behind; }
            Elapse.For(TimeSpan.FromMilliseconds(1));
            while (NextAnswer(vip) is { } answer)
            {
                if (answer.Asker < Askers && asked[(int)answer.Asker] > last) { last = asked[(int)answer.Asker]; }
            }
        }
        return last;
    }

    public void Dispose()
    {
        _arp.Dispose();
        _nd.Dispose();
    }

    private static uint FirstAsker4 { get; } = IPAddress.Parse("10.77.0.120").ToUInt32();

    private static UInt128 FirstAsker6 { get; } = IPAddress.Parse("fd77::1:0").ToUInt128();

    private SysResult Send(ArpFrame frame)
    {
        byte[] bytes = new byte[ArpFrame.Length];
        frame.Write(bytes);
        return _arp.Send(bytes);
    }

    private SysResult Send(NeighbourFrame frame)
    {
        byte[] bytes = new byte[NeighbourFrame.MaxLength];
        return _nd.Send(bytes.AsSpan(0, frame.Write(bytes)));
    }

    /// <summary>Whoever has named the VIP as its own, and to which asker; null: no frame waits.</summary>
    private (MacAddress Who, UInt128 Asker)? NextAnswer(int vip)
    {
        PacketSocket socket = vip == KernelWorld.V4 ? _arp : _nd;
        while (socket.Receive(_buffer) is { Ok: true } received)
        {
            ReadOnlySpan<byte> frame = _buffer.AsSpan(0, received.Count);
            if (ArpFrame.TryRead(frame, out ArpFrame arp) && vip == KernelWorld.V4)
            {
                return (arp.SenderMac, unchecked(arp.TargetAddress - FirstAsker4));
            }
            if (NeighbourFrame.TryRead(frame, out NeighbourFrame nd) && nd.Kind == NeighbourMessageKind.Advertisement && nd.Target == Vips[1].ToUInt128())
            {
                return (nd.LinkLayer ?? nd.SourceMac, unchecked(nd.Destination - FirstAsker6));
            }
        }
        return null;
    }
}
