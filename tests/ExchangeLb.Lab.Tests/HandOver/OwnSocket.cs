using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Lab.Tests.HandOver;

/// <summary>Sockets of a load balancer that is of this process.</summary>
internal static class OwnSocket
{
    /// <summary>What TSval a packet of the load balancer's socket, the other end of this one, would carry now (getsockopt TCP_TIMESTAMP).</summary>
    internal static uint TimestampOf(Socket end)
    {
        const int IPPROTO_TCP = 6, TCP_TIMESTAMP = 24;
        Span<byte> value = stackalloc byte[sizeof(uint)];
        using Socket view = new(new SafeSocketHandle(OtherEndOf(end), ownsHandle: false));
        view.GetRawSocketOption(IPPROTO_TCP, TCP_TIMESTAMP, value);
        return BinaryPrimitives.ReadUInt32LittleEndian(value);
    }

    /// <summary>The load balancer's socket, which is of this process, too: the other end of this one. After a move the former owner's is there for a moment as well.</summary>
    internal static int OtherEndOf(Socket end)
    {
        int[] found = [];
        Eventually.Holds(
            Eventually.Seconds(20),
            () => (found = Look((IPEndPoint)end.RemoteEndPoint!, (IPEndPoint)end.LocalEndPoint!)).Length == 1,
            () => $"{found.Length} sockets are the other end of {end.LocalEndPoint}");
        return found[0];
    }

    private static int[] Look(IPEndPoint local, IPEndPoint remote) =>
    [
        .. Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
            .Where(fd => TcpSocket.PeerAddress(fd, out SockAddress peer).Ok && peer.Family == SockAddress.AF_INET && peer.ToEndPoint().Equals(remote)
                && TcpSocket.LocalAddress(fd, out SockAddress own).Ok && own.ToEndPoint().Equals(local)),
    ];
}
