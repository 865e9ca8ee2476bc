using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>
/// Addresses in 127.0.0.0/8 that nobody else uses: each call gives another one, and processes that run the tests at the same time
/// have different ones. So a port that was free once is free when the balancer binds it.
/// </summary>
internal static class Addresses
{
    private static int _next;

    public static IPAddress Fresh()
    {
        int number = Interlocked.Increment(ref _next);
        return new IPAddress([127, (byte)(64 + (Environment.ProcessId % 150)), (byte)(number >> 8), (byte)number]);
    }

    /// <summary>A fresh address with a port that the kernel chose.</summary>
    public static IPEndPoint FreshEndPoint() => FreeEndPoint(Fresh());

    public static IPEndPoint FreeEndPoint(IPAddress address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(address, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }
}
