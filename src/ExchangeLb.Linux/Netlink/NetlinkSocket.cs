using System;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Netlink;

/// <summary>A netlink socket (netlink(7)) of one thread. What did not come from the kernel is not given out.</summary>
public sealed unsafe partial class NetlinkSocket : IDisposable
{
    public const int NETLINK_ROUTE = 0;
    public const int NETLINK_NETFILTER = 12;

    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1;
    private const int SO_RCVBUF = 8;
    private const int SO_RCVTIMEO = 20;
    private const int SO_RCVBUFFORCE = 33;
    private const int SOL_NETLINK = 270;
    private const int NETLINK_ADD_MEMBERSHIP = 1;
    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_TRUNC = 0x20;
    private const int AnswerLimitMs = 2000;

    private bool _disposed;

    private NetlinkSocket(int fd) => Fd = fd;

    public int Fd { get; }

    /// <summary>Null, with the reason, where the kernel has no such protocol or no descriptor is left.</summary>
    public static NetlinkSocket? TryOpen(int protocol, out SysResult result)
    {
        result = SysResult.Of(Libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
        if (result.Failed)
        {
            return null;
        }
        NetlinkSocket socket = new(protocol == NETLINK_NETFILTER ? LowDescriptors.Move(result.Count) : result.Count);
        NetlinkAddress address = new() { Family = AF_NETLINK };
        result = SysResult.Of(Libc.bind(socket.Fd, &address, (uint)sizeof(NetlinkAddress)));
        long* limit = stackalloc long[2] { AnswerLimitMs / 1000, 0 };   // struct timeval: the kernel answers while it is asked, so this is for a broken one
        _ = Libc.setsockopt(socket.Fd, SOL_SOCKET, SO_RCVTIMEO, limit, 2 * sizeof(long));
        if (result.Failed)
        {
            socket.Dispose();
            return null;
        }
        return socket;
    }

    /// <summary>Hears what is multicast to the group from now on. EPERM without CAP_NET_ADMIN in some of them.</summary>
    public SysResult Join(int group) => SysResult.Of(Libc.setsockopt(Fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(int)));

    /// <summary>How much may wait unread. Beyond the system's limit with CAP_NET_ADMIN, else up to it.</summary>
    public void SetReceiveBuffer(int bytes)
    {
        if (Libc.setsockopt(Fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(int)) < 0)
        {
            _ = Libc.setsockopt(Fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(int));
        }
    }

    public SysResult Send(ReadOnlySpan<byte> message)
    {
        NetlinkAddress kernel = new() { Family = AF_NETLINK };
        fixed (byte* start = message)
        {
            return Result(sendto(Fd, start, (nuint)message.Length, 0, &kernel, (uint)sizeof(NetlinkAddress)));
        }
    }

    /// <summary>One datagram of messages. 0: not from the kernel, or larger than the buffer. ENOBUFS: the kernel had to leave messages out.</summary>
    public SysResult Receive(Span<byte> buffer, bool wait)
    {
        NetlinkAddress from = default;
        uint length = (uint)sizeof(NetlinkAddress);
        fixed (byte* start = buffer)
        {
            SysResult received = Result(recvfrom(Fd, start, (nuint)buffer.Length, MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT), &from, &length));
            return received.Ok && (from.PortId != 0 || received.Count > buffer.Length) ? SysResult.FromError(Errno.None) : received;
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            LowDescriptors.Close(Fd);
        }
    }

    private static SysResult Result(nint returned) =>
        returned >= 0 ? SysResult.Of(returned) : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());

    // The kernel works on a request inside sendto and may wait for its lock there: the collector must be able to run meanwhile.
    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendto(int fd, void* buffer, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvfrom(int fd, void* buffer, nuint length, int flags, void* address, uint* addressLength);
}
