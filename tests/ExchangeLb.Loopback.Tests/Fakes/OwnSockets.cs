using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>Sockets of the load balancer, which runs in the tests' own process: found by their addresses.</summary>
internal static class OwnSockets
{
    /// <summary>Its descriptor; fails when there is none in time.</summary>
    public static int Find(IPEndPoint local, IPEndPoint remote)
    {
        int found = -1;
        Until.True(() => (found = Look(local, remote)) >= 0, $"there is a connection from {local} to {remote}");
        return found;
    }

    private static int Look(IPEndPoint local, IPEndPoint remote) => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
        .FirstOrDefault(fd => IsBetween(fd, local, remote), -1);

    private static bool IsBetween(int fd, IPEndPoint local, IPEndPoint remote) =>
        TcpSocket.PeerAddress(fd, out SockAddress peer).Ok && peer.Family == SockAddress.AF_INET && peer.ToEndPoint().Equals(remote)
        && TcpSocket.LocalAddress(fd, out SockAddress own).Ok && own.ToEndPoint().Equals(local);
}
