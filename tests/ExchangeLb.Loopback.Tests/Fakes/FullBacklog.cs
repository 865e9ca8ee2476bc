using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>
/// A server whose queue of connections is full, so that the kernel answers nothing to further attempts (listen(2), backlog; the
/// connection request is dropped and sent again by its sender).
/// </summary>
internal sealed class FullBacklog : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fill = [];

    public FullBacklog()
    {
        _listener.Bind(new IPEndPoint(Addresses.Fresh(), 0));
        _listener.Listen(0);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;

        // A backlog of 0 has room for one.
        var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        first.Connect(EndPoint);
        _fill.Add(first);
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Somebody tries to connect: a socket towards here is in state SYN_SENT (02; proc(5), /proc/net/tcp).</summary>
    public void WaitForAttempt()
    {
        string row = string.Create(
            CultureInfo.InvariantCulture, $" {BitConverter.ToUInt32(EndPoint.Address.GetAddressBytes()):X8}:{EndPoint.Port:X4} 02");
        Until.True(() => File.ReadAllText("/proc/net/tcp").Contains(row, StringComparison.Ordinal), "somebody connects to the full server");
    }

    public void Dispose()
    {
        foreach (Socket socket in _fill)
        {
            socket.Dispose();
        }
        _listener.Dispose();
    }
}
