using System;
using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Frames;

namespace ExchangeLb.Linux.Sockets;

/// <summary>
/// Memberships in the multicast groups by which neighbours ask for IPv6 addresses (solicited-node, RFC 4291, 2.7.1), so that questions for an address
/// reach this host as soon as it has it, and switches that follow memberships know the way before. The kernel joins by itself, but in a
/// work queue, which a busy host comes to late. They end with the socket. Not thread-safe.
/// </summary>
public sealed unsafe partial class NeighbourGroups : IDisposable
{
    private const int AF_INET6 = 10;
    private const int SOCK_DGRAM = 2;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int IPPROTO_IPV6 = 41;
    private const int IPV6_ADD_MEMBERSHIP = 20;
    private const int IPV6_DROP_MEMBERSHIP = 21;
    private const int RequestLength = 20;

    private readonly int _fd;

    private NeighbourGroups(int fd) => _fd = fd;

    /// <summary>Null: this kernel has no IPv6.</summary>
    public static NeighbourGroups? TryOpen()
    {
        SysResult made = SysResult.Of(Libc.socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return made.Ok ? new(made.Count) : null;
    }

    /// <summary>
    /// Before the address is added; may wait for others' work on the network configuration. Each time anew: where the kernel takes an address away before
    /// its work queue has come to it, it leaves the group that it had not joined, and so takes this membership.
    /// </summary>
    public SysResult Join(int link, IPAddress address)
    {
        UInt128 group = NeighbourFrame.SolicitedNode(address.ToUInt128());
        byte* request = stackalloc byte[RequestLength];   // struct ipv6_mreq: the group, the device
        BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(request, RequestLength), group);
        *(int*)(request + 16) = link;
        _ = setsockopt(_fd, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, request, RequestLength);
        return setsockopt(_fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, request, RequestLength) == 0
            ? SysResult.FromError(Errno.None)
            : SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
    }

    public void Dispose() => Descriptor.Close(_fd);

    /// <summary>Not the data path's: this one may wait, and the collector must not wait for it.</summary>
    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);
}
