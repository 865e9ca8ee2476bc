using System;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Netlink;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>
/// During one hand-over: a copy of each frame for the VIP that the hold or the fence drops, to be sent on to the new owner, so that no client waits for a
/// retransmission (a second, for a SYN). The socket sees frames before nftables does; which of them are dropped is known by what they
/// are (pure SYNs) and by when they came (before or after the release). Owner: the lease thread.
/// </summary>
internal sealed class HeldFrames : IDisposable
{
    internal const int MaxFrames = 4_000;
    internal const int MaxBytes = 8 * 1024 * 1024;

    private const int Offload = PacketSocket.OffloadHeaderLength;
    private const byte Tcp = 6;
    private const byte FinSynRstAck = 0x17;
    private const byte Syn = 0x02;

    private readonly PacketSocket _socket;
    private readonly byte[] _buffer = new byte[Offload + 14 + 65_536];   // merged frames reach 64 KiB
    private readonly List<byte[]> _new = [];
    private readonly List<byte[]> _others = [];
    private (MacAddress Own, MacAddress Owner)? _passTo;
    private bool _onlyNew;
    private int _bytes;
    private bool _fenced;
    private int _beyondLimit;

    private HeldFrames(PacketSocket socket, TimeSpan end) => (_socket, End) = (socket, end);

    /// <summary>On the clock: nothing is kept any more, and the kernel's hold has ended.</summary>
    internal TimeSpan End { get; private set; }

    /// <summary>Null, with the reason: EPERM, ENODEV, or EINVAL where the kernel can't tell checksums of packet sockets.</summary>
    internal static HeldFrames? TryStart(VipTarget vip, LinkFacts link, TimeSpan end, out SysResult result)
    {
        FilterInstruction[] filter = vip.V6 ? FrameFilter.To(vip.Address.ToUInt128()) : FrameFilter.To(vip.Address.ToUInt32());
        ushort protocol = vip.V6 ? NeighbourFrame.EtherType : (ushort)0x0800;
        PacketSocket? socket = PacketSocket.TryOpen(link.Index, protocol, filter, offload: true, out result);
        _ = socket?.SetReceiveBuffer(2 * MaxBytes);
        return socket is null ? null : new HeldFrames(socket, end);
    }

    /// <summary>To be called right before the lease is deleted, or all is frozen: what is waiting now met no fence, or at worst comes twice.</summary>
    internal void BeforeRelease() => Read();

    /// <summary>The lease is deleted, or all is frozen: from now on everything is kept, until then.</summary>
    internal void Released(TimeSpan end)
    {
        _fenced = true;
        End = end;
    }

    /// <summary>Somebody waits for <see cref="Fd"/>.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>Readable once there is something to send on.</summary>
    internal int Fd => _socket.Fd;

    /// <summary>
    /// Sends all on, who asks for a connection first, else in order, from this host's address and to the new owner's; until <paramref name="end"/> also what still comes here, from
    /// clients that have not read the new owner's announcement yet.
    /// </summary>
    /// <returns>How many.</returns>
    internal int PassOn(MacAddress own, MacAddress owner, TimeSpan end)
    {
        (_passTo, _onlyNew, End) = ((own, owner), false, end);
        return PassOn();
    }

    /// <summary>The same of clients that ask for a connection, while sessions that moved along do not run yet. The others wait.</summary>
    internal int PassOnNew(MacAddress own, MacAddress owner)
    {
        (_passTo, _onlyNew) = ((own, owner), true);
        return PassOn();
    }

    /// <summary>Once more, during that time.</summary>
    internal int PassOn()
    {
        Read();
        return _passTo is not var (own, owner) ? 0 : Send(_new, own, owner) + (_onlyNew ? 0 : Send(_others, own, owner));
    }

    /// <summary>Frames that were dropped here and not sent on; asked at the end.</summary>
    internal int CountLost()
    {
        Read();
        return _new.Count + _others.Count + _beyondLimit;
    }

    /// <summary>The kernel takes some milliseconds to close such a socket; they are not taken from the caller.</summary>
    public void Dispose()
    {
        _socket.SetFilter(FrameFilter.Nothing);
        ThreadPool.UnsafeQueueUserWorkItem(socket => socket.Dispose(), _socket, preferLocal: false);
    }

    private int Send(List<byte[]> frames, MacAddress own, MacAddress owner)
    {
        int sent = 0;
        foreach (byte[] frame in frames)
        {
            owner.Write(frame.AsSpan(Offload));
            own.Write(frame.AsSpan(Offload + MacAddress.Length));   // the sender's would teach switches a wrong port
            sent += _socket.Send(frame).Ok ? 1 : 0;
            _bytes -= frame.Length;
        }
        frames.Clear();
        return sent;
    }

    /// <summary>A TCP segment that asks for a connection: SYN alone of the four flags, as the hold's rule has it.</summary>
    internal static bool IsPureSyn(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 40)
        {
            return false;
        }
        int tcp = packet[0] >> 4 == 4 ? (packet[0] & 0xf) * 4 : 40;
        byte protocol = packet[0] >> 4 == 4 ? packet[9] : packet[6];
        return protocol == Tcp && packet.Length > tcp + 13 && (packet[tcp + 13] & FinSynRstAck) == Syn;
    }

    private void Read()
    {
        while (true)
        {
            SysResult received = _socket.Receive(_buffer);
            if (received.Failed && received.Error is not (Errno.EINTR or Errno.ENETDOWN))
            {
                return;
            }
            int length = received.Count;
            if (length <= Offload + 14)
            {
                continue;
            }
            bool isNew = IsPureSyn(_buffer.AsSpan(Offload + 14, length - Offload - 14));
            if (_fenced || isNew)
            {
                Keep(_buffer.AsSpan(0, length), isNew ? _new : _others);
            }
        }
    }

    private void Keep(ReadOnlySpan<byte> frame, List<byte[]> frames)
    {
        if (_new.Count + _others.Count == MaxFrames || _bytes + frame.Length > MaxBytes)
        {
            _beyondLimit++;
            return;
        }
        frames.Add(frame.ToArray());
        _bytes += frame.Length;
    }
}
