using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.HandOver;

/// <summary>Two load balancers with one virtual address, and a server that is on the client's host. The first one has the address.</summary>
public sealed class MovingSite : IDisposable
{
    private const int ServerPort = 9443;
    private readonly RepairWorld _world = new();
    private readonly Socket _server;
    private MovingBalancer _owner;
    private MovingBalancer _other;

    public MovingSite()
        : this("", maxConn: 1000, spare: 0, threads: 2)
    {
    }

    /// <param name="keywords">More of its `listen` section.</param>
    /// <param name="spare">Descriptors for clients who wait when there are <paramref name="maxConn"/> connections.</param>
    /// <param name="otherSpare">The same at the other node; null: as many.</param>
    /// <param name="otherMaxConn">The other node's connections; null: as many.</param>
    internal MovingSite(string keywords, int maxConn, int spare, int threads, int? otherSpare = null, int? otherMaxConn = null)
    {
        _world.B.Fence();
        _world.A.OpenFence();
        _server = _world.Client.TcpListener(new IPEndPoint(IPAddress.Parse("10.78.0.11"), ServerPort));
        string configuration = Configuration(keywords);
        _owner = new MovingBalancer(_world.A, 0, Vip, configuration, maxConn, spare, threads);
        _other = new MovingBalancer(_world.B, 1, Vip, configuration, otherMaxConn ?? maxConn, otherSpare ?? spare, threads);
    }

    internal static string Configuration(string keywords, int port = RepairWorld.Port) => $"""
        listen move
            bind 10.78.0.100:{port}
            mode tcp
            timeout client 1m
            timeout server 1m
            timeout connect 10s
            {keywords}
            server s1 10.78.0.11:{ServerPort}

        """;

    internal static IPAddress Vip => RepairWorld.Vip(RepairWorld.V4);

    internal MovingBalancer Owner => _owner;

    internal MovingBalancer Other => _other;

    internal List<byte[]> Images { get; } = [];

    internal List<ulong> AsTold { get; } = [];

    internal MovedSession Connect()
    {
        Socket client = ConnectClient();
        return new MovedSession(client, Accept());
    }

    internal Socket ConnectClient()
    {
        Socket client = _world.ClientSocket(RepairWorld.V4);
        client.Connect(new IPEndPoint(Vip, RepairWorld.Port));
        return client;
    }

    /// <summary>The next connection at the server.</summary>
    internal Socket Accept()
    {
        Assert.True(_server.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead), "nobody connects to the server");
        Socket server = _server.Accept();
        (server.ReceiveTimeout, server.SendTimeout) = (20_000, 20_000);
        return server;
    }

    /// <summary>So far: to be asked once it is known that the load balancer has seen its clients.</summary>
    internal bool NobodyConnects => !_server.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    /// <summary>Sessions, those in line, and 1 for those in the kernel's queue of a paused listener.</summary>
    internal int Counted => _owner.Movable.Count(Vip);

    /// <summary>The owner's kernel has no connection from this port of the client's any more.</summary>
    internal bool HasGone(int port) => !_owner.Node.Inside(() => System.IO.File.ReadAllText("/proc/thread-self/net/tcp")).Contains($":{port:X4} ", StringComparison.Ordinal);

    /// <summary>Connections to the server that no test has asked for.</summary>
    internal void AcceptAllAndClose()
    {
        while (_server.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectRead)) { _server.Accept().Dispose(); }
    }

    /// <summary>The server's host hears nothing of those that want to connect to it, until it is undone.</summary>
    internal void MuteServer() => _world.Client.Run("nft", $"add table inet mute; add chain inet mute in {{ type filter hook input priority 0; }}; add rule inet mute in tcp dport {ServerPort} tcp flags & (syn | ack) == syn drop");

    internal void UnmuteServer() => _world.Client.Run("nft", "delete table inet mute");

    internal FrozenSessions Freeze(bool waiting = true)
    {
        Images.Clear();
        AsTold.Clear();
        return _owner.Freeze(Vip, Images, AsTold, waiting);
    }

    /// <summary>The sessions go on, and the other node makes sockets for those that are quiet.</summary>
    /// <param name="least">So many must be, in a moment.</param>
    internal void Tell(int least)
    {
        List<(ulong Session, byte[] Image)> told = [];
        Eventually.Holds(Eventually.Seconds(20), () => (told = _owner.Tell(Vip)).Count >= least, () => $"{told.Count} sessions are quiet");
        told.ForEach(session => _other.AdoptTold(Vip, session.Session, session.Image));
    }

    internal void Adopt() => Assert.All(Images, image => Assert.Null(_other.Adopt(Vip, image)));

    /// <summary>Everything that a planned hand-over does, in its order.</summary>
    /// <param name="missed">So many of which the other node makes no sockets.</param>
    internal FrozenSessions Move(int missed = 0)
    {
        FrozenSessions frozen = Freeze();
        Assert.Null(_other.Keep(Vip, [.. AsTold]));
        Adopt();
        Assert.Equal(missed, _other.Settle(Vip).Count);
        _owner.Movable.Forget(Vip);
        _other.Run(Vip);
        Swap();
        return frozen;
    }

    internal void Swap() => (_owner, _other) = (_other, _owner);

    internal void TakeBack()
    {
        _owner.Node.OpenFence();
        _owner.Movable.Resume(Vip);
    }

    public void Dispose()
    {
        _owner?.Dispose();
        _other?.Dispose();
        _server?.Dispose();
        _world.Dispose();
    }
}

/// <summary>Both ends of a session: what is written at one must be read at the other.</summary>
internal sealed record MovedSession(Socket Client, Socket Server) : IDisposable
{
    internal void AssertCarries(int stream)
    {
        Carry(Client, Server, Pattern.Bytes(stream, 3000));
        Carry(Server, Client, Pattern.Bytes(stream + 1, 70_000));
    }

    internal static void Carry(Socket from, Socket to, byte[] bytes)
    {
        from.Send(bytes);
        Assert.Equal(bytes, Read(to, bytes.Length));
    }

    internal static byte[] Read(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int more = socket.Receive(bytes, read, count - read, SocketFlags.None);
            Assert.True(more > 0, $"the end after {read} of {count} bytes");
            read += more;
        }
        return bytes;
    }

    internal static bool ReadsEnd(Socket socket) => socket.Receive(new byte[1]) == 0;

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
