using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Lab.Tests.HandOver;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Lab.Tests.Recording;

/// <summary>Two load balancers with one virtual address; the first one has it, and tells the other of its sessions. Clients and servers are on a third host.</summary>
internal sealed class CrashSite : IDisposable
{
    private const int ServerPort = 9443;
    private readonly RepairWorld _world = new();
    private readonly Socket _server;
    private readonly int _version;

    /// <summary>How many images each has told.</summary>
    private readonly ConcurrentDictionary<MovingBalancer, long> _quietTold = new();
    private ulong _incarnation;

    internal CrashSite(int version, int maxConn = 1000, int maxConnOfServer = 0, int? maxConnOfOther = null)
    {
        _version = version;
        _world.B.Fence();
        _world.A.OpenFence();
        string backend = maxConnOfServer > 0 ? $" maxconn {maxConnOfServer}" : "";
        string host = version == RepairWorld.V4 ? "10.78.0.11" : "fd78::11";
        _server = _world.Client.Inside(() =>
        {
            IPEndPoint local = new(IPAddress.Parse(host), ServerPort);
            Socket socket = new(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(local);
            socket.Listen(512);
            return socket;
        });
        string configuration = $"""
            listen move
                bind {Vip}:{RepairWorld.Port}
                mode tcp
                timeout client 1m
                timeout server 1m
                timeout connect 10s
                server s1 {host}:{ServerPort}{backend}

            """;
        Owner = new MovingBalancer(_world.A, 0, Vip, configuration, maxConn);
        Other = new MovingBalancer(_world.B, 1, Vip, configuration, maxConnOfOther ?? maxConn);
        BeginRecording();
    }

    internal IPAddress Vip => RepairWorld.Vip(_version);

    internal MovingBalancer Owner { get; private set; }

    internal MovingBalancer Other { get; private set; }

    /// <summary>The owner's last records do not arrive.</summary>
    internal volatile bool RecordsAreLost;

    /// <summary>Snapshots do not arrive: the other node goes on taking sessions for active.</summary>
    internal volatile bool SnapshotsAreLost;

    internal MovedSession Connect()
    {
        Socket client = _world.ClientSocket(_version);
        client.Connect(new IPEndPoint(Vip, RepairWorld.Port));
        Socket server = _server.Accept();
        (server.ReceiveTimeout, server.SendTimeout) = (20_000, 20_000);
        return new MovedSession(client, server);
    }

    /// <summary>A client whose server nobody waits for.</summary>
    internal Socket ConnectClient()
    {
        Socket client = _world.ClientSocket(_version);
        client.Connect(new IPEndPoint(Vip, RepairWorld.Port));
        client.ReceiveTimeout = 20_000;
        return client;
    }

    internal void ConnectTo(int port)
    {
        using Socket client = _world.ClientSocket(_version);
        client.Connect(new IPEndPoint(Vip, port));
    }

    internal List<MovedSession> ConnectMany(int count) => [.. Enumerable.Range(0, count).Select(_ => Connect())];

    /// <summary>All sessions are told to be quiet.</summary>
    internal void AwaitQuiet(int sessions) => Eventually.Holds(
        Eventually.Seconds(20),
        () => Owner.Recorded.Figures is var figures && figures.Snapshots - figures.Awakenings == sessions && QuietTold == figures.Snapshots && Other.Recorded.Figures.Held == sessions,
        () => $"of {sessions} {QuietTold} were told to be quiet; {Owner.Recorded.Figures} {Other.Recorded.Figures}");

    /// <summary>The owner is cut off, for ever, in the midst of everything.</summary>
    internal void Crash() => Owner.Node.Fence();

    /// <summary>As the cluster does when the owner is gone: sockets first, then packets, then the questions. The former owner could become the peer afterwards.</summary>
    internal TakenOverSessions TakeOver()
    {
        Other.Restore(Vip);
        Other.Node.OpenFence();
        TakenOverSessions result = Other.TakeOver(Vip);
        Assert.True(Owner.Recorded.AbandonAsync(Vip, static _ => { }).Wait(TimeSpan.FromSeconds(30)));
        (Owner, Other) = (Other, Owner);
        return result;
    }

    /// <summary>Two owners that can't hear each other: the other one goes on with what it knows, and all clients and servers are in its part.</summary>
    internal TakenOverSessions Split()
    {
        Owner.Node.Fence();
        Other.Restore(Vip);
        Other.Node.OpenFence();
        return Other.TakeOver(Vip);
    }

    /// <summary>The other one yields, as the cluster has it: its packets first, then its sessions.</summary>
    /// <returns>What it tells of these.</returns>
    internal IReadOnlyCollection<byte[]> Heal()
    {
        ConcurrentQueue<byte[]> lost = new();
        Other.Node.Fence();
        Assert.True(Other.Recorded.AbandonAsync(Vip, records => lost.Enqueue(records.ToArray())).Wait(TimeSpan.FromSeconds(30)));
        Owner.Node.OpenFence();
        return lost;
    }

    /// <summary>A planned move, half of which is told ahead; the giver keeps what it gave. The former owner is the peer afterwards; nothing is told of the sessions yet.</summary>
    internal void Move()
    {
        foreach ((ulong session, byte[] image) in Owner.Tell(Vip)) { Other.AdoptTold(Vip, session, image); }
        List<byte[]> images = [];
        List<ulong> asTold = [];
        Owner.Freeze(Vip, images, asTold);
        Assert.Null(Other.Keep(Vip, [.. asTold]));
        images.ForEach(image => Assert.Null(Other.Adopt(Vip, image)));
        Other.Settle(Vip);
        Owner.Recorded.End(Vip);
        Owner.Movable.Forget(Vip);      // as the loss of the VIP does, before its release is known to who moves
        Owner.Recorded.KeepGiven("itself", Vip, ++_incarnation, Owner.Movable.TakeGiven(Vip));
        Other.Run(Vip);
        (Owner, Other) = (Other, Owner);
    }

    /// <summary>The same where packets come before there is any socket.</summary>
    /// <param name="silenced">The kernel must not end what it does not know.</param>
    /// <param name="meanwhile">What happens between the first packet and the first socket.</param>
    internal TakenOverSessions TakeOverLate(bool silenced, Action meanwhile)
    {
        Other.Node.PutUpFence(Vip);
        using SilencedResets resets = Other.Node.SilenceResets();
        if (silenced) { Assert.True(resets.Begin(Vip)); }
        Other.Node.OpenFence();
        meanwhile();
        return Other.TakeOver(Vip, () => Assert.True(resets.End(Vip)));
    }

    internal void BeginRecording()
    {
        (MovingBalancer owner, MovingBalancer peer) = (Owner, Other);
        owner.Recorded.Begin(Vip, ++_incarnation, records => Tell(owner, peer, records));
    }

    public void Dispose()
    {
        Owner?.Dispose();
        Other?.Dispose();
        _server?.Dispose();
        _world.Dispose();
    }

    private long QuietTold => _quietTold.GetValueOrDefault(Owner);

    private void Tell(MovingBalancer owner, MovingBalancer peer, ReadOnlySpan<byte> records)
    {
        RecordReader reader = new(records);
        int quiet = 0;
        while (reader.TryNext(out SessionRecord record)) { quiet += record.Kind == RecordKind.Quiet ? 1 : 0; }
        _quietTold.AddOrUpdate(owner, quiet, (_, before) => before + quiet);
        if (RecordsAreLost)
        {
            return;
        }
        if (SnapshotsAreLost)
        {
            Records.WithoutSnapshots(records, told => Assert.Null(peer.Recorded.Take("owner", Vip, told)));
        }
        else
        {
            Assert.Null(peer.Recorded.Take("owner", Vip, records));
        }
    }
}
