using System;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>What a restored socket holds: bytes and FIN that count as sent, and the room for what is to come. The socket is connected, and in repair.</summary>
internal static class RestoreQueues
{
    private const int IPPROTO_TCP = 6;
    private const int FirstTimeoutMs = 1000;
    private const int ReceivedPiece = 64 * 1024;
    private const int SendBufferSlack = 32 * 1024;

    /// <summary>TCP_RTO_MAX_MS (Linux 6.15), at least 1000.</summary>
    private static readonly SocketOption LongestTimeout = new(IPPROTO_TCP, 44);

    /// <summary>
    /// Bytes in the repair queue wait a second for the retransmission timer (before Linux 6.15: three), if what was in flight is lost. As new
    /// ones they leave at once, and the other side drops what it has. But only if all of them leave at once (see <see cref="TcpRestore.Release"/>).
    /// </summary>
    internal static SysResult FitsFirstFlight(int fd, TcpImage image, out bool fits)
    {
        fits = false;
        SysResult result = TcpRepair.GetInfo(fd, out TcpFacts facts);
        if (result.Ok)
        {
            ulong end = image.Has(TcpTraits.EndSent) ? 1u : 0u;      // takes a segment, and one of the window
            fits = (ulong)image.Unacked.Length + (end * facts.SegmentBytes) <= (ulong)facts.CongestionWindow * facts.SegmentBytes
                && (ulong)image.Unacked.Length + end <= image.Window.Send;
        }
        return result;
    }

    internal static SysResult EnqueueSent(int fd, ReadOnlySpan<byte> bytes)
    {
        // The first timer of a socket that has never measured a round trip is 3 s (RFC 6298, 5.7). It is set with the first byte, within this limit.
        SysResult limit = TcpSocket.Get(fd, LongestTimeout);
        if (limit.Ok) { TcpSocket.Set(fd, LongestTimeout, FirstTimeoutMs); }
        SysResult result = TcpRepair.Select(fd, RepairQueue.Send);
        while (result.Ok && bytes.Length > 0)
        {
            result = TcpRepair.Enqueue(fd, bytes);
            if (result.Ok) { bytes = bytes[result.Count..]; }
        }
        if (result.Ok) { result = TcpRepair.UnsentLength(fd); }
        if (limit.Ok) { TcpSocket.Set(fd, LongestTimeout, limit.Count); }
        if (result.Value > 0) { result = SysResult.FromError(Errno.EIO); }      // some would count as never sent
        return result.Ok ? TcpRepair.Select(fd, RepairQueue.None) : result;
    }

    /// <summary>In pieces of what the kernel takes in whole pages at once. A failure: it had no memory, and what it has taken can't be taken back.</summary>
    internal static SysResult EnqueueReceived(int fd, ReadOnlySpan<byte> bytes)
    {
        SysResult result = TcpRepair.Select(fd, RepairQueue.Receive);
        while (result.Ok && bytes.Length > 0)
        {
            result = TcpRepair.Enqueue(fd, bytes[..Math.Min(bytes.Length, ReceivedPiece)]);
            if (result.Ok) { bytes = bytes[result.Count..]; }
        }
        return result.Ok ? TcpRepair.Select(fd, RepairQueue.None) : result;
    }

    internal static SysResult EnqueueEnd(int fd)
    {
        SysResult result = TcpRepair.Select(fd, RepairQueue.Send);
        if (result.Ok) { result = TcpSocket.ShutdownWrite(fd); }
        return result.Ok ? TcpRepair.Select(fd, RepairQueue.None) : result;
    }

    /// <summary>For what the other side was promised, for what is received, and for what is unacknowledged; the kernel goes on sizing the buffers by itself from there.</summary>
    /// <param name="received">Bytes that will wait in the socket, in full pieces: they cost little more than themselves, where the kernel reckons with the double.</param>
    /// <param name="buffers">Whatever the buffer could hold is offered to the other side, nearly all of it, once its segments turn out to be large: without a bound it would double with each move.</param>
    internal static SysResult MakeRoom(int fd, TcpImage image, int received, KernelBuffers buffers)
    {
        long promised = image.Window.Promised(image.ReceiveNext);
        long room = Room((2 * promised) + (received * 9L / 8), (promised + received) * 65 / 64, buffers.Receive);
        bool forced = false;
        SysResult result = default;
        if (TcpSocket.Get(fd, SocketOption.ReceiveBuffer).Value < room)
        {
            forced = true;
            result = TcpSocket.Set(fd, SocketOption.ReceiveBufferForced, (int)(room / 2));      // the kernel doubles it, and reads out the double
        }
        if (result.Ok && image.Unacked.Length > 0)
        {
            long unacked = image.Unacked.Length + SendBufferSlack;
            room = Room(2 * unacked, unacked * 17 / 16, buffers.Send);
            if (TcpSocket.Get(fd, SocketOption.SendBuffer).Value < room)
            {
                forced = true;
                result = TcpSocket.Set(fd, SocketOption.SendBufferForced, (int)(room / 2));
            }
        }
        if (result.Ok && forced) { TcpSocket.Set(fd, SocketOption.BufferLock, 0); }      // an older kernel keeps the sizes: that costs speed only
        return result;
    }

    /// <param name="generous">For whatever cost of each segment.</param>
    /// <param name="least">With segments as large as can be.</param>
    /// <param name="most">What the kernel would give by itself.</param>
    private static long Room(long generous, long least, int most) => Math.Min(Math.Min(generous, Math.Max(most, least)), int.MaxValue);
}
