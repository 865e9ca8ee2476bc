using System;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Netlink;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

public sealed class DeadSocketsTests
{
    [LabTheory]
    [InlineData("10.79.0.25", "10.79.0.1")]
    [InlineData("fd79::25", "fd79::1")]
    public void Sockets_of_an_address_end_and_all_others_and_listeners_stay(string address, string other)
    {
        using NetworkNamespace host = new($"elb-dead-{Environment.ProcessId}");
        foreach (string one in (string[])[address, other]) { host.Ip("address", "add", one, "dev", "lo", "nodad"); }
        using Socket listener = host.Inside(() => Listen(address));
        Socket? connected = null;
        Eventually.Holds(Eventually.Seconds(20), () => (connected = TryConnect(host, listener, other)) is not null, () => $"there is no route to {address}");
        using Socket client = connected!;
        using Socket ours = listener.Accept();
        using Socket left = host.Inside(() => Connect(listener, other));
        listener.Accept().Dispose();    // its end is nobody's, as after the death of a process; the other one has not said goodbye

        int ended = host.Inside(() => DeadSockets.EndAll(IPAddress.Parse(address)));

        Assert.Equal(2, ended);
        Assert.Equal(0, host.Inside(() => DeadSockets.EndAll(IPAddress.Parse("10.79.0.99"))));
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => client.Receive(new byte[1])).SocketErrorCode);
        using Socket anew = host.Inside(() => Connect(listener, other));
    }

    private static Socket Listen(string address)
    {
        Socket listener = new(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        listener.Listen();
        return listener;
    }

    /// <summary>Null: the kernel, which does that in a work queue, has not made the address's route yet.</summary>
    private static Socket? TryConnect(NetworkNamespace host, Socket listener, string from)
    {
        try
        {
            return host.Inside(() => Connect(listener, from));
        }
        catch (InvalidOperationException refused) when (refused.InnerException is SocketException { SocketErrorCode: SocketError.NetworkUnreachable })
        {
            return null;
        }
    }

    private static Socket Connect(Socket listener, string from)
    {
        Socket socket = new(listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        socket.Connect(listener.LocalEndPoint!);
        return socket;
    }
}
