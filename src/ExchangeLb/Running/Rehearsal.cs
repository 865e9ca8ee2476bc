using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Config;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.HandOver;

namespace ExchangeLb.Running;

/// <summary>
/// A standby's code meets its first client when the owner has died. What never ran has to be found, bound and compiled then, while that client, and those
/// behind it, wait. So a node of a cluster runs connections through a load balancer of its own beforehand, which nobody else sees: both sides are this thread,
/// on the loopback, at ports that the kernel chose. 127.0.0.2 takes the part of the virtual IP, whose sessions are recorded, and moved from the load balancer to
/// itself: methods with 128-bit numbers, which addresses are to the proxy, are not compiled before the program runs.
/// </summary>
internal static class Rehearsal
{
    /// <summary>The runtime compiles anew what was called 30 times: that is done by then, too.</summary>
    internal const int Sessions = 40;

    /// <summary>The first of a session that was told ahead; the others are described while they are frozen.</summary>
    internal const int Moves = 3;
    private const int PatienceMs = 1000;

    /// <summary>A session is recorded as quiet 50 to 120 ms after its last byte.</summary>
    private const int QuietMs = 300;
    private const int LookEveryMs = 5;

    /// <summary>The kernel acknowledges what was heard after 40 ms. Without a fence an acknowledgement that came while there is no socket would end the session.</summary>
    private const int AcknowledgedMs = 50;
    private const int SolSocket = 1, SoReusePort = 15, IpProtoTcp = 6, TcpQuickAck = 12;      // socket(7), tcp(7)
    private const int BulkBytes = 64 * 1024;
    private const int BulkRounds = 32;
    private static readonly IPAddress Server = IPAddress.Loopback;
    private static readonly IPAddress Vip = IPAddress.Parse("127.0.0.2");

    /// <summary>In the background. A rehearsal that fails leaves everything as it would be without one.</summary>
    public static void Begin() => new Thread(() => Run()) { Name = "rehearsal", IsBackground = true }.Start();

    /// <param name="start">A load balancer at work, which serves those who come to the first socket's address by the second one, and logs to the third; null: it can't.</param>
    internal static Rehearsed Run(Func<Socket, Socket, Socket, LoadBalancer?>? start = null)
    {
        int ended = 0, recorded = 0, moved = 0;
        LoadBalancer? balancer = null;
        try
        {
            using Socket server = Listen(Server);
            using Socket log = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            log.Bind(new IPEndPoint(Server, 0));
            using Socket front = Reserve(Vip);
            balancer = (start ?? Start)(front, server, log);
            balancer?.Recorded.Begin(Vip, incarnation: 1, records => balancer.Recorded.Take("another", Vip, records));
            while (balancer is not null && ended < Sessions)
            {
                Play(ended, (IPEndPoint)front.LocalEndPoint!, server, ended == Sessions - 1 ? LoseAndMove : null);
                ended++;
            }
            balancer?.Recorded.Forget("another", Vip);

            void LoseAndMove(Socket client, Socket server)
            {
                recorded = RestoreWhenQuiet(balancer.Recorded);
                for (int move = 0; move < Moves && balancer.Movable.Lack is null; move++)
                {
                    Acknowledge(client);
                    Acknowledge(server);
                    Thread.Sleep(AcknowledgedMs);
                    moved += Move(balancer.Movable, toldAhead: move == 0);
                    Pass(client, server, 100);
                    Pass(server, client, 100);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or InvalidOperationException or AggregateException)
        {
            // No loopback, no descriptors (epoll_create1(2), eventfd(2)): the first clients wait a little longer, as they did without a rehearsal.
        }
        End(balancer);
        return new Rehearsed(ended, recorded, moved);
    }

    private static LoadBalancer? Start(Socket front, Socket server, Socket log)
    {
        DiagnosticList problems = new();
        LoadBalancerModel? model = ConfigurationReader.ReadText("rehearsal", Configuration(front, server, log), new ReaderOptions(), problems);
        if (model is null)
        {
            throw new InvalidOperationException($"the rehearsal's own configuration is wrong: {problems.Items[0].Message}");
        }
        LoadBalancer balancer = new(model, new LoadBalancerOptions { ThreadCount = 1, ServerSide = new([new(Vip, PrefixLength: 8)], PortRange.Of(0, 1)) }, new NoStatsPage());
        if (!balancer.Open().IsEmpty)
        {
            balancer.Dispose();
            return null;
        }
        balancer.Start();
        return balancer;
    }

    /// <summary>A loop that is closed while it runs would end this process; on a host where it gets no processor it is left as it is.</summary>
    private static void End(LoadBalancer? balancer)
    {
        balancer?.Stop();
        if (balancer?.Completion.Wait(TimeSpan.FromMinutes(1)) == true)
        {
            balancer.Dispose();
        }
    }

    /// <summary>As a node does whose owner seems to be gone. The kernel makes no second socket of a connection, so none is made of this one.</summary>
    /// <returns>Sessions of which there was a record.</returns>
    private static int RestoreWhenQuiet(IRecordedSessions sessions)
    {
        long before = sessions.Figures.Snapshots;
        for (int waitedMs = 0; waitedMs < QuietMs && sessions.Figures.Snapshots == before; waitedMs += LookEveryMs)
        {
            Thread.Sleep(LookEveryMs);
        }
        sessions.End(Vip);
        int recorded = sessions.Figures.Held;
        if (sessions.Lack is null)
        {
            sessions.Restore(Vip);
            sessions.Drop(Vip);
        }
        return recorded;
    }

    /// <summary>To itself, where both nodes do it: the session is frozen and described, its sockets are closed, and made again. Nobody sends anything meanwhile.</summary>
    /// <returns>Sessions.</returns>
    private static int Move(IMovableSessions sessions, bool toldAhead)
    {
        List<(ulong Session, byte[] Image)> told = [], images = [];
        List<ulong> asTold = [];
        if (toldAhead)
        {
            Await(sessions.TellAsync(Vip, (session, image) => told.Add((session, image.ToArray()))));
        }
        Await(sessions.FreezeAsync(Vip, waiting: true, (session, image) => images.Add((session, image.ToArray())), ids => asTold.AddRange(ids.Span)));
        sessions.TakeGiven(Vip);
        sessions.Forget(Vip);
        Await(sessions.FreezeAsync(Vip, waiting: true, static (_, _) => { }, static _ => { }));       // the one loop has forgotten it by then
        told.ForEach(session => sessions.AdoptTold(Vip, session.Session, session.Image));
        sessions.Keep(Vip, asTold.ToArray());
        images.ForEach(session => sessions.Adopt(Vip, session.Session, session.Image));
        sessions.Settle(Vip);
        TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int moved = sessions.Run(Vip, ran.SetResult);
        Await(ran.Task);
        return moved;

        static void Await(Task task)
        {
            if (!task.Wait(PatienceMs))
            {
                throw new TimeoutException();
            }
        }
    }

    private static string Configuration(Socket front, Socket server, Socket log) => string.Create(CultureInfo.InvariantCulture, $"""
        global
            maxconn 10
            log 127.0.0.1:{PortOf(log)} local0
        defaults
            mode tcp
            log global
            option tcplog
            timeout connect 1s
            timeout client 1s
            timeout server 1s
        frontend clients
            bind {Vip}:{PortOf(front)}
            default_backend servers
        backend servers
            balance roundrobin
            stick-table type ip size 10 expire 1m
            stick on src
            server one 127.0.0.1:{PortOf(server)}

        """);

    /// <summary>Hello, answer, and one question more; every other time the server ends it, once by a reset, once after a bulk of bytes.</summary>
    /// <param name="pause">What is done while nothing happens in it.</param>
    private static void Play(int number, IPEndPoint front, Socket listener, Action<Socket, Socket>? pause)
    {
        using Socket client = Patient(new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.Connect(front);
        client.Send(new byte[300]);
        if (!listener.Poll(PatienceMs * 1000, SelectMode.SelectRead))
        {
            throw new TimeoutException();
        }
        using Socket server = Patient(listener.Accept());
        Receive(server, 300);
        Pass(server, client, 3000);
        Pass(client, server, 100);
        for (int round = 0; number == 1 && round < BulkRounds; round++)
        {
            Pass(server, client, BulkBytes);
        }
        if (number == 2)
        {
            client.LingerState = new(enable: true, seconds: 0);
            client.Dispose();
            ExpectEnd(server);
            return;
        }
        pause?.Invoke(client, server);
        (Socket first, Socket second) = number % 2 == 0 ? (client, server) : (server, client);
        first.Shutdown(SocketShutdown.Send);
        ExpectEnd(second);
        second.Shutdown(SocketShutdown.Send);
        ExpectEnd(first);
    }

    private static void Pass(Socket from, Socket to, int bytes)
    {
        from.Send(new byte[bytes]);
        Receive(to, bytes);
    }

    private static void Receive(Socket from, int bytes)
    {
        byte[] buffer = new byte[bytes];
        for (int read, left = bytes; left > 0; left -= read)
        {
            read = from.Receive(buffer, left, SocketFlags.None);
            if (read == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    /// <summary>All that it has heard, at once.</summary>
    private static void Acknowledge(Socket socket) => socket.SetRawSocketOption(IpProtoTcp, TcpQuickAck, BitConverter.GetBytes(1));

    private static void ExpectEnd(Socket socket)
    {
        try
        {
            socket.Receive(new byte[1]);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The other way to end.
        }
    }

    private static Socket Listen(IPAddress address)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen(Sessions);
        return socket;
    }

    /// <summary>A port that nobody else gets, but the load balancer that binds to it, too.</summary>
    private static Socket Reserve(IPAddress address)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static Socket Patient(Socket socket)
    {
        (socket.SendTimeout, socket.ReceiveTimeout) = (PatienceMs, PatienceMs);
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>The rehearsal serves no page.</summary>
    private sealed class NoStatsPage : IStatsConnections
    {
        public void Take(int descriptor, IStatsSession session)
        {
            Descriptor.Close(descriptor);
            session.Closed();
        }
    }
}

/// <summary>What came to its end as it should.</summary>
/// <param name="Sessions"><see cref="Rehearsal.Sessions"/>, or fewer where this host has no loopback or no descriptor left.</param>
/// <param name="Recorded">Sessions of which there was a record when their owner was taken for dead.</param>
/// <param name="Moved">Moves of sessions: <see cref="Rehearsal.Moves"/>, or none on a host that can't move any.</param>
internal readonly record struct Rehearsed(int Sessions, int Recorded, int Moved);
