using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Lab.Tests.HandOver;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Recording;

/// <summary>
/// A balancer and its guard, processes of their own on one host, and a peer on another that is told of the sessions. Clients and servers are on a third
/// one, which counts the packets that end connections.
/// </summary>
internal sealed partial class ProcessSite : IDisposable
{
    private const int ServerPort = 9443;
    private static readonly TimeSpan Bound = Eventually.Seconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("exchangelb-process-").FullName;
    private readonly RepairWorld _world = new();
    private readonly Socket _server;
    private readonly Socket _records = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveBufferSize = 1 << 20 };
    private readonly Thread _telling;
    private readonly MovingBalancer _peer;
    private readonly int _version;
    private readonly Daemon _balancer;
    private Daemon _guard;
    private long _takenBytes;

    internal ProcessSite(int version)
    {
        _version = version;
        _world.B.Fence();
        _world.A.OpenFence();
        _world.Client.Run("nft", "table inet ends { counter seen { }; chain in { type filter hook prerouting priority -400; tcp flags & (fin | rst) != 0 counter name seen; }; }");
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
                server s1 {host}:{ServerPort}

            """;
        _peer = new MovingBalancer(_world.B, 1, Vip, configuration);
        _records.Bind(new UnixDomainSocketEndPoint(RecordsPath));
        _telling = new Thread(Tell) { IsBackground = true };
        _telling.Start();
        _guard = StartGuard();
        string file = Path.Combine(_folder, "haproxy.cfg");
        File.WriteAllText(file, configuration);
        _balancer = _world.A.Host.Start(LabWorld.BuiltStandIn, "balancer", _folder, file, Vip.ToString(), RecordsPath);
        Await(_balancer, "ready");
    }

    /// <summary>Snapshots do not arrive: the peer goes on taking sessions for active.</summary>
    internal volatile bool SnapshotsAreLost;

    private IPAddress Vip => RepairWorld.Vip(_version);

    private string RecordsPath => Path.Combine(_folder, "records.sock");

    /// <summary>Packets with FIN or RST that clients and servers got until now.</summary>
    internal int EndsSeen => int.Parse(PacketCount().Match(_world.Client.Run("nft", "list", "counter", "inet", "ends", "seen")).Groups[1].Value, CultureInfo.InvariantCulture);

    internal MovedSession Connect()
    {
        Socket client = _world.ClientSocket(_version);
        client.Connect(new IPEndPoint(Vip, RepairWorld.Port));
        Socket server = _server.Accept();
        (server.ReceiveTimeout, server.SendTimeout) = (20_000, 20_000);
        return new MovedSession(client, server);
    }

    internal List<MovedSession> ConnectMany(int count) => [.. Enumerable.Range(0, count).Select(_ => Connect())];

    /// <summary>All sessions are told to be quiet, the peer knows all that was told, and the guard holds their sockets.</summary>
    internal void AwaitQuiet(int sessions)
    {
        int looks = Looks().Count(_balancer.Said);      // what it says from now on is from now on, but for one
        Eventually.Holds(
            Bound,
            () => Held() == sessions && Looks().Matches(_balancer.Said) is { } said && said.Count > looks + 2 && said[^1].Value == said[^2].Value      // what was made has been told since
                && said[^1].Groups[1].Value == sessions.ToString(CultureInfo.InvariantCulture)
                && said[^1].Groups[2].Value == Interlocked.Read(ref _takenBytes).ToString(CultureInfo.InvariantCulture),
            () => $"{_peer.Recorded.Figures}, {Interlocked.Read(ref _takenBytes)} bytes; the guard: {_guard.Said}; the balancer: {_balancer.Said}");
    }

    internal void AwaitHeld(int sessions) => Eventually.Holds(Bound, () => Held() == sessions, () => $"the guard: {_guard.Said}; the balancer: {_balancer.Said}");

    internal int GuardsDescriptors() => Directory.GetFileSystemEntries($"/proc/{_guard.Pid}/fd").Length;

    internal void KillGuard()
    {
        _guard.Kill();
        _guard.Dispose();
        _guard = StartGuard();
    }

    /// <summary>SIGKILL. The guard fences, and then says so to the peer.</summary>
    internal void KillBalancer()
    {
        _balancer.Kill();
        Await(_guard, "released");
    }

    internal void StopBalancer()
    {
        Command.Run("kill", "-TERM", _balancer.Pid.ToString(CultureInfo.InvariantCulture));
        Assert.True(_balancer.EndsWithin(Bound), _balancer.Said);
    }

    internal string GuardSaid => _guard.Said;

    internal TakenOverSessions TakeOver()
    {
        _peer.Restore(Vip);
        _peer.Node.OpenFence();
        return _peer.TakeOver(Vip);
    }

    public void Dispose()
    {
        _balancer?.Dispose();
        _guard?.Dispose();
        _records.Dispose();
        _telling?.Join();
        _peer?.Dispose();
        _server?.Dispose();
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Daemon StartGuard()
    {
        Daemon guard = _world.A.Host.Start(LabWorld.BuiltStandIn, "guard", _folder);
        Await(guard, "ready");
        return guard;
    }

    private int Held() => HeldCount().Matches(_guard.Said) is { Count: > 0 } said ? int.Parse(said[^1].Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    private static void Await(Daemon daemon, string word) => Eventually.Holds(Bound, () => daemon.Said.Contains(word, StringComparison.Ordinal) || !daemon.Runs, () => daemon.Said);

    private void Tell()
    {
        byte[] buffer = new byte[IRecordedSessions.RecordsLimit];
        try
        {
            while (true)
            {
                int count = _records.Receive(buffer);
                if (SnapshotsAreLost)
                {
                    Records.WithoutSnapshots(buffer.AsSpan(0, count), told => _peer.Recorded.Take("owner", Vip, told));
                }
                else
                {
                    _peer.Recorded.Take("owner", Vip, buffer.AsSpan(0, count));
                }
                Interlocked.Add(ref _takenBytes, count);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The site is closed.
        }
    }

    [GeneratedRegex(@"packets (\d+)")]
    private static partial Regex PacketCount();

    [GeneratedRegex(@"quiet (-?\d+) told (\d+)")]
    private static partial Regex Looks();

    [GeneratedRegex(@"holds (\d+)")]
    private static partial Regex HeldCount();
}
