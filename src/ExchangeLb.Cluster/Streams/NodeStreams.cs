using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Streams;

/// <summary>
/// What is too much for the engine goes to one other node at a time, by a stream of its own: TLS 1.3 over TCP, at the port number that the engine has for UDP. Between
/// two nodes there is one, both ways, for as long as both are in the cluster; the one with the lower id opens it, and again when it ends. Both show the
/// certificate whose fingerprint the other one heard by the engine.
/// </summary>
/// <remarks>Nothing depends on it: where there is none (a firewall, an older release), the engine carries all, slower.</remarks>
public sealed class NodeStreams : INodeStreams, IDisposable
{
    /// <summary>For a handshake, and the connection before it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Between attempts, each time double: a node that is just back hears of this one at about the same time, and may be moved to at once.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>A stream that lasted for less was none.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(1);

    /// <summary>When the kernel gives no descriptor.</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan OpenedWithin = TimeSpan.FromSeconds(10);

    /// <summary>A stream that has not come by then is not about to.</summary>
    private static readonly TimeSpan ComesWithin = TimeSpan.FromSeconds(3);

    /// <summary>Three seconds and the time that attempts take: the other node may hear of this one a little later.</summary>
    private const int FailuresUntilSaid = 7;

    /// <summary>Whoever connects and is not known yet.</summary>
    private const int StrangersMax = 8;

    private readonly NodeId _self;
    private readonly ImmutableArray<IPAddress> _addresses;
    private readonly int _port;
    private readonly StreamCertificate _certificate;
    private readonly IStreamObserver _observer;
    private readonly TimeProvider _time;
    private readonly List<Socket> _listeners = [];
    private readonly Dictionary<NodeId, Link> _links = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _strangers = new(StrangersMax);
    private int _priority;
    private int _opened;

    /// <param name="addresses">Of this node, one for each network.</param>
    /// <param name="port">TCP, of all nodes; 1..65535.</param>
    public NodeStreams(NodeId self, ImmutableArray<IPAddress> addresses, int port, StreamCertificate certificate, IStreamObserver observer, TimeProvider time) =>
        (_self, _addresses, _port, _certificate, _observer, _time) = (self, addresses, port, certificate, observer, time);

    /// <summary>What the others are to hear, once this node listens. "": it takes none.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <returns>Null, or why this node takes no streams at one of its addresses.</returns>
    public string? Start()
    {
        string? problem = null;
        foreach (IPAddress address in _addresses)
        {
            Socket? listener = null;
            try
            {
                listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                SetFreeBind(listener);
                listener.Bind(new IPEndPoint(address, _port));
                listener.Listen(StrangersMax);
                _listeners.Add(listener);
                Socket listens = listener;
                _ = Task.Run(() => AcceptAsync(listens));
            }
            catch (SocketException failure)
            {
                listener?.Dispose();
                problem ??= $"TCP port {_port} of {address}: {failure.Message}";
            }
        }
        Fingerprint = _listeners.Count > 0 ? _certificate.Fingerprint : "";
        return problem;
    }

    /// <summary>Another node is there, or is as it was; null: it has left. Any thread; never waits.</summary>
    public void Know(NodeId node, StreamPeer? peer)
    {
        Link? gone = null;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested || node == _self
                || (_links.TryGetValue(node, out Link? known) ? known.Peer.Fingerprint == peer?.Fingerprint : peer is null))
            {
                return;
            }
            _links.Remove(node, out gone);
            if (peer is not null)
            {
                Link link = new(node, peer, CancellationTokenSource.CreateLinkedTokenSource(_stop.Token), _time.GetTimestamp());
                _links[node] = link;
                if (peer.Fingerprint.Length == 0)
                {
                    link.Problem = "its release knows no streams, or it can't listen";
                }
                else if (_self.Value < node.Value)
                {
                    _ = Task.Run(() => DialAsync(link));
                }
            }
        }
        if (gone is not null)
        {
            _ = Task.Run(() =>
            {
                gone.Stop.Cancel();
                gone.Connection?.End("the other node has left, or has started anew");
            });
        }
    }

    public int StreamTo(NodeId node)
    {
        lock (_gate)
        {
            return _links.GetValueOrDefault(node) is { Connection: not null } link ? link.Number : 0;
        }
    }

    /// <summary>Why there is no stream to a node that is there; null: there is one, or there has been no time yet to open it. Any thread.</summary>
    public string? ProblemWith(NodeId node)
    {
        lock (_gate)
        {
            return !_links.TryGetValue(node, out Link? link) || link.Connection is not null ? null
                : link.Problem ?? (_time.GetElapsedTime(link.Since) < OpenedWithin ? null : "it is for the other node to open it, and it has not");
        }
    }

    public bool IsComing(NodeId node)
    {
        lock (_gate)
        {
            return _links.GetValueOrDefault(node) is { Number: 0, Problem: null } link && _time.GetElapsedTime(link.Since) < ComesWithin;
        }
    }

    public bool Send(NodeId node, int stream, ReadOnlySpan<byte> payload)
    {
        StreamConnection? connection;
        lock (_gate)
        {
            connection = _links.GetValueOrDefault(node) is { } link && link.Number == stream ? link.Connection : null;
        }
        return connection?.TrySend(payload) ?? false;
    }

    /// <summary>What is on its way has clients waiting.</summary>
    /// <param name="priority">Of real-time threads, 1..99; 0: no more.</param>
    public void Hurry(int priority)
    {
        lock (_gate)
        {
            _priority = priority;
            foreach (Link link in _links.Values) { link.Connection?.Hurry(priority); }
        }
    }

    public void Dispose()
    {
        Link[] links;
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) { return; }
            _ = _stop.CancelAsync();
            links = [.. _links.Values];
            _links.Clear();
        }
        foreach (Socket listener in _listeners) { listener.Dispose(); }
        foreach (Link link in links) { link.Connection?.End("this node ends"); }
        // The sources of cancellation and the semaphore are left to the collector: tasks may be about to look at them.
    }

    /// <summary>An address that comes a little later than this process is listened at all the same (ip(7), IP_FREEBIND).</summary>
    private static void SetFreeBind(Socket listener)
    {
        const int IPPROTO_IP = 0;
        const int IP_FREEBIND = 15;
        const int IPPROTO_IPV6 = 41;
        const int IPV6_FREEBIND = 78;
        Span<byte> on = stackalloc byte[sizeof(int)];
        on[0] = 1;
        bool six = listener.AddressFamily == AddressFamily.InterNetworkV6;
        listener.SetRawSocketOption(six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_FREEBIND : IP_FREEBIND, on);
    }

    /// <summary>
    /// A dead other side is noticed within 2.5 s, after two probes, should the engine not notice it before (tcp(7): TCP_USER_TIMEOUT, which counts for probes, too, and
    /// for a reader that lets nothing come for so long).
    /// </summary>
    private static void Prepare(Socket socket)
    {
        const int IPPROTO_TCP = 6;
        const int TCP_USER_TIMEOUT = 18;
        const int UserTimeoutMs = 2500;
        Span<byte> timeout = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(timeout, UserTimeoutMs);
        socket.SetRawSocketOption(IPPROTO_TCP, TCP_USER_TIMEOUT, timeout);
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 1);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (!MayCome(accepted) || !_strangers.Wait(0))
                {
                    accepted.Dispose();
                    continue;
                }
                _ = Task.Run(() => WelcomeAsync(accepted));
            }
#pragma warning disable CA1031 // no descriptor, or the end; whatever it is, others are to be heard later
            catch (Exception)
            {
                await PauseAsync(AcceptPause, _stop.Token).ConfigureAwait(false);
            }
#pragma warning restore CA1031
        }
    }

    /// <summary>From the address of a node that is there, and is the one to open it: nobody else costs a handshake, or a place.</summary>
    private bool MayCome(Socket accepted)
    {
        lock (_gate)
        {
            return accepted.RemoteEndPoint is IPEndPoint remote
                && _links.Values.Any(link => link.Node.Value < _self.Value && link.Peer.Addresses.Contains(remote.Address));
        }
    }

    private async Task WelcomeAsync(Socket accepted)
    {
        SslStream? tls = null;
        try
        {
            Prepare(accepted);
            tls = new SslStream(new NetworkStream(accepted, ownsSocket: true));
            using CancellationTokenSource late = new(Patience, _time);
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, late.Token);
            await tls.AuthenticateAsServerAsync(_certificate.AsServer(fingerprint => Find(fingerprint) is not null), patience.Token).ConfigureAwait(false);
            if (Find(StreamCertificate.FingerprintOf(tls.RemoteCertificate!)) is { } link && link.Node.Value < _self.Value)
            {
                // The other side's handshake was over before this one had looked at its certificate.
                await tls.WriteAsync(new byte[StreamConnection.LengthBytes], patience.Token).ConfigureAwait(false);
                _ = Open(link, tls);
                return;
            }
        }
#pragma warning disable CA1031 // whoever opens it says why it could not
        catch (Exception)
        {
        }
#pragma warning restore CA1031
        finally
        {
            _strangers.Release();
        }
        if (tls is not null) { await tls.DisposeAsync().ConfigureAwait(false); }
        accepted.Dispose();
    }

    private async Task DialAsync(Link link)
    {
        TimeSpan pause = FirstPause;
        int failures = 0;
        while (!link.Stop.IsCancellationRequested)
        {
            long? opened = null;
            string problem;
            try
            {
                (SslStream? tls, problem) = await ConnectAsync(link).ConfigureAwait(false);
                if (tls is not null)
                {
                    opened = _time.GetTimestamp();
                    await Open(link, tls).WaitAsync(link.Stop.Token).ConfigureAwait(false);
                    problem = "it ended at once";
                }
            }
#pragma warning disable CA1031 // nothing depends on a stream: it is tried again
            catch (Exception failure)
            {
                problem = failure.GetBaseException().Message;
            }
#pragma warning restore CA1031
            if (opened is { } since && _time.GetElapsedTime(since) >= Lasting)
            {
                (failures, pause) = (0, FirstPause);
            }
            else if (!link.Stop.IsCancellationRequested && ++failures >= FailuresUntilSaid)
            {
                link.Problem = problem;
                _observer.Failed(link.Node, problem);
            }
            await PauseAsync(pause, link.Stop.Token).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>The last network first: where there are two it carries nothing but what nodes tell one another.</summary>
    private async Task<(SslStream? Tls, string Problem)> ConnectAsync(Link link)
    {
        string problem = "no network is common";
        for (int network = Math.Min(_addresses.Length, link.Peer.Addresses.Length) - 1; network >= 0; network--)
        {
            IPAddress address = link.Peer.Addresses[network];
            using CancellationTokenSource late = new(Patience, _time);
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(link.Stop.Token, late.Token);
            Socket? socket = null;
            try
            {
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                SetFreeBind(socket);
                socket.Bind(new IPEndPoint(_addresses[network], 0));
                await socket.ConnectAsync(new IPEndPoint(address, _port), patience.Token).ConfigureAwait(false);
                return (await GreetAsync(link, socket, patience.Token).ConfigureAwait(false), "");
            }
#pragma warning disable CA1031 // whatever it is, it is said, and tried again
            catch (Exception failure)
            {
                socket?.Dispose();
                problem = $"TCP port {_port} of {address}: {(failure is OperationCanceledException ? "no answer" : failure.GetBaseException().Message)}";
            }
#pragma warning restore CA1031
        }
        return (null, problem);
    }

    private async Task<SslStream> GreetAsync(Link link, Socket socket, CancellationToken patience)
    {
        Prepare(socket);
        SslStream tls = new(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(_certificate.AsClient(link.Peer.Fingerprint), patience).ConfigureAwait(false);
            await tls.ReadExactlyAsync(new byte[StreamConnection.LengthBytes], patience).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Link? Find(string fingerprint)
    {
        lock (_gate)
        {
            return _links.Values.FirstOrDefault(link => link.Peer.Fingerprint == fingerprint);
        }
    }

    /// <returns>Done when it has ended.</returns>
    private Task Open(Link link, SslStream tls)
    {
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        StreamConnection opened = new(tls, payload => _observer.Arrived(link.Node, payload), (connection, reason) =>
        {
            Ended(link, connection, reason);
            over.SetResult();
        });
        StreamConnection? last = null;
        bool wanted;
        lock (_gate)
        {
            wanted = _links.GetValueOrDefault(link.Node) == link;
            if (wanted)
            {
                (last, link.Connection, link.Problem, link.Number) = (link.Connection, opened, null, ++_opened);
                opened.Hurry(_priority);
            }
        }
        if (!wanted)
        {
            opened.Dispose();
            return over.Task;
        }
        last?.End("the other node has opened another one");
        opened.Start();
        _observer.Opened(link.Node);
        return over.Task;
    }

    private void Ended(Link link, StreamConnection connection, string reason)
    {
        lock (_gate)
        {
            if (link.Connection != connection) { return; }      // another one has taken its place, or it was none yet
            (link.Connection, link.Problem) = (null, reason);
        }
        _observer.Ended(link.Node, reason);
    }

    private Task PauseAsync(TimeSpan pause, CancellationToken stop) =>
        Task.Delay(pause, _time, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Another node, from when it is there until it leaves or starts anew.</summary>
    private sealed class Link(NodeId node, StreamPeer peer, CancellationTokenSource stop, long since)
    {
        public long Since => since;

        public NodeId Node => node;

        public StreamPeer Peer => peer;

        public CancellationTokenSource Stop => stop;

        /// <summary>Under the lock.</summary>
        public StreamConnection? Connection { get; set; }

        /// <summary>Of that connection.</summary>
        public int Number { get; set; }

        /// <summary>Why there is none.</summary>
        public string? Problem { get; set; }
    }
}
