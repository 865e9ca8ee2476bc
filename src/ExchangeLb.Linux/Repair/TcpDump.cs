using System;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>
/// Reads connections out of their sockets. Every call belongs to the thread that owns the socket, which must not read, write or splice it
/// between <see cref="Freeze"/> and <see cref="Resume"/>. Before the first freeze the packets of the connection must be fenced off, both ways:
/// what arrives or leaves after the reading would be known to only one of the two owners.
/// </summary>
public static class TcpDump
{
    private const int Attempts = 3;

    /// <summary>
    /// Bytes (and FIN) that were sent and are not acknowledged. They are what a move may lose, and has to send again. To have none: fence
    /// outward first; what is written then stays unsent, as TCP hears of the fence at once, while acknowledgements still come in. A round trip
    /// later fence inward, too, and freeze.
    /// </summary>
    public static SysResult InFlight(int fd)
    {
        SysResult queued = TcpRepair.SendQueueLength(fd);
        SysResult unsent = TcpRepair.UnsentLength(fd);
        return queued.Failed ? queued : unsent.Failed ? unsent : SysResult.Of(queued.Value - unsent.Value);
    }

    /// <summary>Bytes that came and were not read, and bytes that were written and are not acknowledged; 0 where the kernel does not say.</summary>
    public static long Queued(int fd) => Math.Max(0L, TcpRepair.ReceiveQueueLength(fd).Value) + Math.Max(0L, TcpRepair.SendQueueLength(fd).Value);

    /// <summary>
    /// 1. Repair mode on, 2. what was agreed, 3. the receive queue, 4. the send queue, 5. once more what may have changed. A dumped socket
    /// stays in repair: <see cref="CloseFrozen"/> or <see cref="Resume"/> it. Any other verdict leaves it as it was.
    /// </summary>
    /// <param name="peerEnded">The owner knows that the other side has ended its stream, and the kernel may not: the socket was restored after that.</param>
    public static DumpResult Freeze(int fd, bool peerEnded, ImageClock now)
    {
        SysResult entered = TcpRepair.Enter(fd);
        if (entered.Failed) { return Refusal(fd, entered); }
        DumpResult result = default;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            result = DumpReader.Read(fd, peerEnded, now, withBytes: true);
            if (result.Verdict != DumpVerdict.Changing) { break; }
        }
        if (result.Verdict != DumpVerdict.Dumped) { TcpRepair.LeaveSilently(fd); }
        return result;
    }

    /// <summary>Takes a freeze back: the connection goes on here. A probe tells the other side so.</summary>
    public static SysResult Resume(int fd) => TcpRepair.LeaveProbing(fd);

    /// <summary>Closes a frozen socket: neither FIN nor RST is sent, not later either.</summary>
    public static SysResult CloseFrozen(int fd) => Descriptor.Close(fd);

    /// <summary>Whatever closes this socket from now on, neither FIN nor RST is sent.</summary>
    public static SysResult Silence(int fd) => TcpRepair.Enter(fd);

    /// <summary>Closes any socket as if it had never been. EPERM: it was not closed.</summary>
    public static SysResult CloseSilently(int fd)
    {
        SysResult entered = TcpRepair.Enter(fd);
        return entered.Failed ? entered : Descriptor.Close(fd);
    }

    /// <summary>
    /// The image of a connection that goes on living here, for others to keep: taken without a fence and without bytes, and only of one that is
    /// quiet both ways (<see cref="DumpVerdict.Busy"/> or <see cref="DumpVerdict.Changing"/> when it is not: ask again later). Sends nothing.
    /// </summary>
    /// <param name="peerEnded">As in <see cref="Freeze"/>.</param>
    public static DumpResult Snapshot(int fd, bool peerEnded, ImageClock now)
    {
        // In repair, with the send queue selected, the kernel would count as sent what an acknowledgement lets it send just then.
        SysResult queued = TcpRepair.SendQueueLength(fd);
        if (queued.Value > 0) { return DumpResult.Refused(DumpVerdict.Busy); }
        SysResult entered = TcpRepair.Enter(fd);
        if (entered.Failed) { return Refusal(fd, entered); }
        DumpResult result = DumpReader.Read(fd, peerEnded, now, withBytes: false);
        SysResult left = TcpRepair.LeaveSilently(fd);
        return left.Failed ? DumpResult.Failed(left) : result;
    }

    /// <summary>One system call: whether anything has happened since an earlier call. False: this kernel does not say, or the socket is none.</summary>
    public static bool TryStand(int fd, out TcpStanding standing) => TcpRepair.GetStanding(fd, out standing).Ok;

    private static DumpResult Refusal(int fd, SysResult entered)
    {
        if (entered.Error != Errno.EPERM) { return DumpResult.Failed(entered); }
        return TcpSocket.Get(fd, SocketOption.AcceptConnections).Value == 1
            ? DumpResult.Refused(DumpVerdict.Listening)
            : new DumpResult(DumpVerdict.Denied, null, entered);
    }
}
