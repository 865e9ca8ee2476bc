using System;
using System.Buffers.Binary;
using System.Collections.Generic;
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
    private const int RequestLength = 20;

    private readonly HashSet<(int Link, UInt128 Group)> _joined = [];
    private readonly int _fd;

    private NeighbourGroups(int fd) => _fd = fd;

    /// <summary>Null: this kernel has no IPv6.</summary>
    public static NeighbourGroups? TryOpen()
    {
        SysResult made = SysResult.Of(Libc.socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return made.Ok ? new(made.Count) : null;
    }

    /// <summary>May wait for others' work on the network configuration, the first time. Groups of a device that goes are left with it.</summary>
    public SysResult Join(int link, IPAddress address)
    {
        UInt128 group = NeighbourFrame.SolicitedNode(address.ToUInt128());
        if (!_joined.Add((link, group)))
        {
            return SysResult.FromError(Errno.None);
        }
        byte* request = stackalloc byte[RequestLength];   // struct ipv6_mreq: the group, the device
        BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(request, RequestLength), group);
        *(int*)(request + 16) = link;
        if (setsockopt(_fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, request, RequestLength) == 0)
        {
            return SysResult.FromError(Errno.None);
        }
        _joined.Remove((link, group));
        return SysResult.FromError((Errno)Marshal.GetLastPInvokeError());
    }

    public void Dispose() => Descriptor.Close(_fd);

    /// <summary>Not the data path's: this one may wait, and the collector must not wait for it.</summary>
    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);
}
