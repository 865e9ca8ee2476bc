using System;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>Which of a socket's queues the calls on a socket in repair mean.</summary>
internal enum RepairQueue
{
    None = 0,
    Receive = 1,
    Send = 2,
}

/// <summary>The system calls on sockets in repair (linux/tcp.h, net/ipv4/tcp.c). None of them waits.</summary>
internal static unsafe partial class TcpRepair
{
    private const int IPPROTO_IP = 0;
    private const int IPPROTO_TCP = 6;
    private const int IP_OPTIONS = 4;
    private const int TCP_MAXSEG = 2;
    private const int TCP_INFO = 11;
    private const int TCP_REPAIR = 19;
    private const int TCP_REPAIR_QUEUE = 20;
    private const int TCP_QUEUE_SEQ = 21;
    private const int TCP_REPAIR_OPTIONS = 22;
    private const int TCP_TIMESTAMP = 24;
    private const int TCP_REPAIR_WINDOW = 29;
    private const int TCPOPT_MSS = 2;
    private const int TCPOPT_WINDOW = 3;
    private const int TCPOPT_SACK_PERM = 4;
    private const int TCPOPT_TIMESTAMP = 8;
    private const int MSG_PEEK = 2;
    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_NOSIGNAL = 0x4000;
    private const nuint SIOCOUTQ = 0x5411;
    private const nuint SIOCINQ = 0x541B;
    private const nuint SIOCOUTQNSD = 0x894B;

    /// <summary>TCP_REPAIR = 1: closing sends nothing from now on. EPERM: without CAP_NET_ADMIN, or a socket that listens.</summary>
    internal static SysResult Enter(int fd) => Set(fd, TCP_REPAIR, 1);

    internal static bool IsEntered(int fd) => Get(fd, TCP_REPAIR, out uint mode).Ok && mode != 0;

    /// <summary>TCP_REPAIR = 0, with a window probe: an old sequence number, which the other side answers with where it stands.</summary>
    internal static SysResult LeaveProbing(int fd) => ReusableAfter(fd, Set(fd, TCP_REPAIR, 0));

    /// <summary>TCP_REPAIR = -1: nothing is sent (Linux 4.20).</summary>
    internal static SysResult LeaveSilently(int fd) => ReusableAfter(fd, Set(fd, TCP_REPAIR, unchecked((uint)-1)));

    internal static SysResult Select(int fd, RepairQueue queue) => Set(fd, TCP_REPAIR_QUEUE, (uint)queue);

    /// <summary>The selected queue's: write_seq or rcv_nxt. Can be set only before connect.</summary>
    internal static SysResult GetSequence(int fd, out uint sequence) => Get(fd, TCP_QUEUE_SEQ, out sequence);

    internal static SysResult SetSequence(int fd, uint sequence) => Set(fd, TCP_QUEUE_SEQ, sequence);

    internal static SysResult GetTimestamp(int fd, out uint timestamp) => Get(fd, TCP_TIMESTAMP, out timestamp);

    internal static SysResult SetTimestamp(int fd, uint timestamp) => Set(fd, TCP_TIMESTAMP, timestamp);

    /// <summary>In repair it is the handshake's (mss_clamp); else what is used now.</summary>
    internal static SysResult GetMaxSegment(int fd, out uint bytes) => Get(fd, TCP_MAXSEG, out bytes);

    internal static SysResult GetWindow(int fd, out RepairWindow window)
    {
        window = default;
        uint length = (uint)sizeof(RepairWindow);
        fixed (RepairWindow* start = &window)
        {
            return SysResult.Of(Libc.getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, start, &length));
        }
    }

    internal static SysResult SetWindow(int fd, RepairWindow window) =>
        SysResult.Of(Libc.setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, &window, (uint)sizeof(RepairWindow)));

    /// <summary>
    /// The answers to the handshake's options that no packet will bring, but for <see cref="PermitSelectiveAck"/>. The scales always: without
    /// them the kernel keeps those that it would have offered.
    /// </summary>
    internal static SysResult SetOptions(int fd, TcpImage image)
    {
        uint* options = stackalloc uint[6];     // struct tcp_repair_opt { __u32 opt_code, opt_val; }
        uint count = 0;
        options[count++] = TCPOPT_WINDOW;
        options[count++] = image.SendScale | ((uint)image.ReceiveScale << 16);
        options[count++] = TCPOPT_MSS;
        options[count++] = image.MaxSegment;
        if (image.Has(TcpTraits.Timestamps))
        {
            options[count++] = TCPOPT_TIMESTAMP;
            options[count++] = 0;
        }
        return SysResult.Of(Libc.setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_OPTIONS, options, count * sizeof(uint)));
    }

    internal static SysResult PermitSelectiveAck(int fd)
    {
        uint* options = stackalloc uint[2] { TCPOPT_SACK_PERM, 0 };
        return SysResult.Of(Libc.setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_OPTIONS, options, 2 * sizeof(uint)));
    }

    /// <summary>Taking away IP options that were never there makes the kernel work out anew how large a segment may be, which setting the MSS does not.</summary>
    internal static SysResult RecomputeSegmentSize(int fd) => SysResult.Of(Libc.setsockopt(fd, IPPROTO_IP, IP_OPTIONS, null, 0));

    internal static SysResult GetInfo(int fd, out TcpFacts facts)
    {
        byte* info = stackalloc byte[TcpFacts.Length];
        new Span<byte>(info, TcpFacts.Length).Clear();
        uint length = TcpFacts.Length;
        var result = SysResult.Of(Libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length));
        facts = TcpFacts.Read(new ReadOnlySpan<byte>(info, TcpFacts.Length));
        return result;
    }

    /// <summary>EOPNOTSUPP: this kernel does not count all of it (before Linux 5.4).</summary>
    internal static SysResult GetStanding(int fd, out TcpStanding standing)
    {
        byte* info = stackalloc byte[TcpStanding.Length];
        uint length = TcpStanding.Length;
        var result = SysResult.Of(Libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length));
        bool counts = result.Ok && length == TcpStanding.Length;
        standing = counts ? TcpStanding.Read(new ReadOnlySpan<byte>(info, TcpStanding.Length)) : default;
        return counts || result.Failed ? result : SysResult.FromError(Errno.EOPNOTSUPP);
    }

    /// <summary>Bytes received and not read, without a FIN.</summary>
    internal static SysResult ReceiveQueueLength(int fd) => Ioctl(fd, SIOCINQ);

    /// <summary>write_seq - snd_una; a FIN counts.</summary>
    internal static SysResult SendQueueLength(int fd) => Ioctl(fd, SIOCOUTQ);

    /// <summary>write_seq - snd_nxt; a FIN counts.</summary>
    internal static SysResult UnsentLength(int fd) => Ioctl(fd, SIOCOUTQNSD);

    /// <summary>
    /// Copies from the front of the selected queue. From the send queue the answer is all that it holds, also when that is more than the
    /// buffer; and it may begin before snd_una, as a segment that was acknowledged in part is kept whole.
    /// </summary>
    internal static SysResult Peek(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return SysResult.Of(Libc.recv(fd, start, (nuint)buffer.Length, MSG_PEEK | MSG_DONTWAIT));
        }
    }

    /// <summary>With the send queue selected the bytes count as sent, and no packet leaves; with the receive queue, as received. May take a part.</summary>
    internal static SysResult Enqueue(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return SysResult.Of(Libc.send(fd, start, (nuint)bytes.Length, MSG_DONTWAIT | MSG_NOSIGNAL));
        }
    }

    /// <summary>Leaving repair makes a socket exclusive (SK_NO_REUSE): no listener could be opened at its local port while it lives.</summary>
    private static SysResult ReusableAfter(int fd, SysResult left) => left.Failed ? left : TcpSocket.Set(fd, SocketOption.ReuseAddress, 1);

    private static SysResult Set(int fd, int name, uint value) =>
        SysResult.Of(Libc.setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(uint)));

    private static SysResult Get(int fd, int name, out uint value)
    {
        uint read = 0;
        uint length = sizeof(uint);
        var result = SysResult.Of(Libc.getsockopt(fd, IPPROTO_TCP, name, &read, &length));
        value = read;
        return result;
    }

    private static SysResult Ioctl(int fd, nuint request)
    {
        int value = 0;
        var result = SysResult.Of(ioctl(fd, request, &value));
        return result.Failed ? result : SysResult.Of(value);
    }

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int ioctl(int fd, nuint request, int* value);
}
