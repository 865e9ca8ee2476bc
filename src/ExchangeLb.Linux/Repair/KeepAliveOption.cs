using System;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>The four socket options of keepalive (socket(7), tcp(7)) as one.</summary>
internal static class KeepAliveOption
{
    private const int IPPROTO_TCP = 6;
    private static readonly SocketOption Idle = new(IPPROTO_TCP, 4);
    private static readonly SocketOption Interval = new(IPPROTO_TCP, 5);
    private static readonly SocketOption Probes = new(IPPROTO_TCP, 6);

    /// <summary>False: it is off.</summary>
    internal static bool TryGet(int fd, out TcpKeepAlive keepAlive)
    {
        keepAlive = default;
        if (TcpSocket.Get(fd, SocketOption.KeepAlive).Value != 1) { return false; }
        keepAlive = new TcpKeepAlive(
            (ushort)Math.Clamp(TcpSocket.Get(fd, Idle).Value, 1, 32767),
            (ushort)Math.Clamp(TcpSocket.Get(fd, Interval).Value, 1, 32767),
            (byte)Math.Clamp(TcpSocket.Get(fd, Probes).Value, 1, 127));
        return true;
    }

    /// <summary>The times before the switch, which starts the timer.</summary>
    internal static SysResult Set(int fd, TcpKeepAlive keepAlive)
    {
        SysResult result = TcpSocket.Set(fd, Idle, keepAlive.IdleSeconds);
        if (result.Ok) { result = TcpSocket.Set(fd, Interval, keepAlive.IntervalSeconds); }
        if (result.Ok) { result = TcpSocket.Set(fd, Probes, keepAlive.Probes); }
        return result.Ok ? TcpSocket.Set(fd, SocketOption.KeepAlive, 1) : result;
    }
}
