using System;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>Reads a socket that is in repair. Calls only read; the selected queue is none afterwards.</summary>
internal static class DumpReader
{
    /// <summary>The part of the send queue that was acknowledged, and which the kernel still shows, is a segment at most, however large it is merged.</summary>
    private const int LargestSegment = 64 * 1024;

    /// <summary>The numbers that every packet moves.</summary>
    private readonly record struct Position(uint ReceiveNext, int Unread, uint WriteNext, int Unacked, int Unsent);

    internal static DumpResult Read(int fd, bool peerEnded, ImageClock now, bool withBytes)
    {
        SysResult result = TcpRepair.GetInfo(fd, out TcpFacts facts);
        if (result.Failed) { return DumpResult.Failed(result); }
        if (!TryTraits(facts, peerEnded, out TcpTraits traits, out DumpVerdict refusal)) { return DumpResult.Refused(refusal); }

        SockAddress local = default, remote = default;
        uint maxSegment = 0, timestamp = 0;
        RepairWindow window = default;
        Position position = default;
        result = TcpSocket.LocalAddress(fd, out local);
        if (result.Ok) { result = TcpSocket.PeerAddress(fd, out remote); }
        if (result.Ok) { result = TcpRepair.GetMaxSegment(fd, out maxSegment); }
        if (result.Ok) { result = TcpRepair.GetTimestamp(fd, out timestamp); }
        if (result.Ok) { result = TcpRepair.GetWindow(fd, out window); }
        if (result.Ok) { result = LocateAll(fd, out position); }
        if (result.Failed) { return DumpResult.Failed(result); }
        if (AddressForm.IsLinkLocal(local) || AddressForm.IsLinkLocal(remote)) { return DumpResult.Refused(DumpVerdict.LinkLocal); }
        if (!withBytes && (position.Unread > 0 || position.Unacked > 0)) { return DumpResult.Refused(DumpVerdict.Busy); }

        // A FIN counts as one, the last one.
        int unsentWithEnd = position.Unsent, sentWithEnd = position.Unacked - position.Unsent;
        if ((traits & TcpTraits.EndSent) != 0 && unsentWithEnd > 0) { traits ^= TcpTraits.EndSent | TcpTraits.EndQueued; }
        int unsent = unsentWithEnd - ((traits & TcpTraits.EndQueued) != 0 ? 1 : 0);
        int sent = sentWithEnd - ((traits & TcpTraits.EndSent) != 0 ? 1 : 0);
        if (sent < 0 || unsent < 0) { return DumpResult.Refused(DumpVerdict.Changing); }      // our FIN was acknowledged since its state was read
        byte[] received = [], unackedBytes = [], unsentBytes = [];
        if (!TryReadQueue(fd, RepairQueue.Receive, position.Unread, ref received, ref result))
        {
            return result.Failed ? DumpResult.Failed(result)
                : DumpResult.Refused(LocateAll(fd, out Position still).Ok && still == position ? DumpVerdict.Urgent : DumpVerdict.Changing);
        }
        if (!TryReadSendQueue(fd, sent, unsent, ref unackedBytes, ref unsentBytes, ref result))
        {
            return result.Failed ? DumpResult.Failed(result) : DumpResult.Refused(DumpVerdict.Changing);
        }
        traits |= OptionTraits(fd, facts, out TcpKeepAlive keepAlive);

        result = Locate(fd, out Position after);
        if (result.Ok) { result = TcpRepair.GetInfo(fd, out facts); }
        if (result.Failed) { return DumpResult.Failed(result); }
        if (after != position || !TryTraits(facts, peerEnded, out TcpTraits traitsAfter, out _) || HasEnded(traits) != HasEnded(traitsAfter))
        {
            return DumpResult.Refused(DumpVerdict.Changing);
        }
        return DumpResult.Of(new TcpImage
        {
            Local = AddressForm.Plain(local),
            Remote = AddressForm.Plain(remote),
            Traits = traits,
            SendUnacked = position.WriteNext - (uint)position.Unacked,
            ReceiveNext = position.ReceiveNext,
            MaxSegment = (ushort)Math.Min(maxSegment, ushort.MaxValue),
            SendScale = facts.SendScale,
            ReceiveScale = facts.ReceiveScale,
            Window = window,
            Timestamp = timestamp,
            TakenAt = now,
            KeepAlive = keepAlive,
            Received = received,
            Unacked = unackedBytes,
            Unsent = unsentBytes,
        });
    }

    /// <summary>By the state alone; a FIN that waits behind unsent bytes looks as one that was sent.</summary>
    private static bool TryTraits(TcpFacts facts, bool peerEnded, out TcpTraits traits, out DumpVerdict refusal)
    {
        traits = facts.State switch
        {
            TcpState.FIN_WAIT1 => TcpTraits.EndSent,
            TcpState.FIN_WAIT2 => TcpTraits.EndAcknowledged,
            TcpState.CLOSE_WAIT => TcpTraits.PeerEnded,
            TcpState.LAST_ACK or TcpState.CLOSING => TcpTraits.EndSent | TcpTraits.PeerEnded,
            _ => TcpTraits.None,
        };
        if (peerEnded) { traits |= TcpTraits.PeerEnded; }
        refusal = facts.State switch
        {
            TcpState.SYN_SENT or TcpState.SYN_RECV => DumpVerdict.Connecting,
            TcpState.LISTEN => DumpVerdict.Listening,
            TcpState.None or TcpState.CLOSE or TcpState.TIME_WAIT => DumpVerdict.Over,
            _ when (traits & (TcpTraits.EndAcknowledged | TcpTraits.PeerEnded)) == (TcpTraits.EndAcknowledged | TcpTraits.PeerEnded) => DumpVerdict.Over,
            _ => DumpVerdict.Dumped,
        };
        return refusal == DumpVerdict.Dumped;
    }

    private static (bool Ours, bool Acknowledged, bool Theirs) HasEnded(TcpTraits traits) =>
        ((traits & (TcpTraits.EndSent | TcpTraits.EndQueued)) != 0, (traits & TcpTraits.EndAcknowledged) != 0, (traits & TcpTraits.PeerEnded) != 0);

    private static TcpTraits OptionTraits(int fd, TcpFacts facts, out TcpKeepAlive keepAlive)
    {
        TcpTraits traits = (facts.Timestamps ? TcpTraits.Timestamps : TcpTraits.None)
            | (facts.MicrosecondTimestamps ? TcpTraits.MicrosecondTimestamps : TcpTraits.None)
            | (facts.SelectiveAck ? TcpTraits.SelectiveAck : TcpTraits.None)
            | (TcpSocket.Get(fd, SocketOption.NoDelay).Value == 1 ? TcpTraits.NoDelay : TcpTraits.None);
        keepAlive = default;
        return KeepAliveOption.TryGet(fd, out keepAlive) ? traits | TcpTraits.KeepAlive : traits;
    }

    /// <summary>Also what lies behind the mark of urgent data: SIOCINQ counts only as far as that, but all is acknowledged, and would be forgotten.</summary>
    private static SysResult LocateAll(int fd, out Position position)
    {
        position = default;
        SysResult result = TcpSocket.Set(fd, SocketOption.OutOfBandInline, 1);
        if (result.Ok) { result = Locate(fd, out position); }
        SysResult done = TcpSocket.Set(fd, SocketOption.OutOfBandInline, 0);
        return result.Failed ? result : done;
    }

    private static SysResult Locate(int fd, out Position position)
    {
        position = default;
        uint receiveNext = 0, writeNext = 0;
        int unread = 0, unacked = 0, unsent = 0;
        SysResult result = TcpRepair.Select(fd, RepairQueue.Receive);
        if (result.Ok) { result = TcpRepair.GetSequence(fd, out receiveNext); }
        if (result.Ok) { result = TcpRepair.ReceiveQueueLength(fd); unread = result.Count; }
        if (result.Ok) { result = TcpRepair.Select(fd, RepairQueue.Send); }
        if (result.Ok) { result = TcpRepair.GetSequence(fd, out writeNext); }
        if (result.Ok) { result = TcpRepair.SendQueueLength(fd); unacked = result.Count; }
        if (result.Ok) { result = TcpRepair.UnsentLength(fd); unsent = result.Count; }
        if (result.Ok) { result = TcpRepair.Select(fd, RepairQueue.None); }
        if (result.Ok) { position = new Position(receiveNext, unread, writeNext, unacked, unsent); }
        return result;
    }

    /// <summary>False without a failure: the queue holds less than it should.</summary>
    private static bool TryReadQueue(int fd, RepairQueue queue, int length, ref byte[] bytes, ref SysResult result)
    {
        if (length == 0) { return true; }
        bytes = GC.AllocateUninitializedArray<byte>(length);
        result = TcpRepair.Select(fd, queue);
        if (result.Ok) { result = TcpRepair.Peek(fd, bytes); }
        if (result.WouldBlock) { result = default; }      // all that is unread is urgent
        bool whole = result.Value == length;
        SysResult done = TcpRepair.Select(fd, RepairQueue.None);
        if (done.Failed) { result = done; }
        return whole && result.Ok;
    }

    private static bool TryReadSendQueue(int fd, int sent, int unsent, ref byte[] unackedBytes, ref byte[] unsentBytes, ref SysResult result)
    {
        if (sent + unsent == 0) { return true; }
        byte[] bytes = GC.AllocateUninitializedArray<byte>(sent + unsent + LargestSegment);
        result = TcpRepair.Select(fd, RepairQueue.Send);
        if (result.Ok) { result = TcpRepair.Peek(fd, bytes); }
        int held = result.Count;
        SysResult done = TcpRepair.Select(fd, RepairQueue.None);
        if (done.Failed) { result = done; }
        if (result.Failed || held < sent + unsent || held > bytes.Length) { return false; }
        int start = held - sent - unsent;
        unackedBytes = bytes.AsSpan(start, sent).ToArray();
        unsentBytes = bytes.AsSpan(start + sent, unsent).ToArray();
        return true;
    }
}
