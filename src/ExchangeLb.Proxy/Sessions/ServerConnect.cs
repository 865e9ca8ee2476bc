using System;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// From a place at a server to a connection with it: (1) socket; (2) connect, with the client's first bytes in the handshake's
/// last packet when they are in hand; (3) success, or (4) retry, another server, or the end, by HAProxy's rules of `retries` and
/// `option redispatch` (configuration.txt, 4.2). One instance a loop; owner: its thread.
/// </summary>
internal sealed class ServerConnect(EventLoop loop)
{
    /// <summary>Wait before a server that refused is tried again, if the connect timeout is not shorter.</summary>
    private const long TurnAroundMs = 1000;

    /// <summary>Early sends in a row that came too early, after which they are tried only now and then: the network is not that quick.</summary>
    private const int EarlyMissLimit = 8;
    private const int EarlyRetryEvery = 64;

    /// <summary>More than one segment: the last one would wait for the first one's acknowledgement without TCP_NODELAY.</summary>
    public const int OneSegment = 1200;
    private int _earlyMisses;

    /// <summary>The session has a place at the server.</summary>
    public void Begin(Session session, ServerState server)
    {
        session.Server = server;
        NoteMoved(session);
        session.HoldsPlace = true;
        server.Sessions.Enter();
        if (!session.Stuck)
        {
            server.Counters[loop.Index].Selected++;
            session.Backend!.Counters[loop.Index].Selected++;
        }
        if (session.ConnectStartedMs == 0)
        {
            session.ConnectStartedMs = loop.NowMs;
        }
        Attempt(session);
    }

    /// <summary>An event of the server's socket while its connection is being made.</summary>
    public void OnEvent(Session session, bool failed)
    {
        if (failed)
        {
            Errno error = TcpSocket.TakeError(session.ServerFd);
            Failed(session, EndFor(error), mayWait: true);
            return;
        }
        session.Upload.SinkReady = true;
        Connected(session);
    }

    /// <summary>The deadline of the attempt, or of the wait before the next one, has passed.</summary>
    public void OnDeadline(Session session)
    {
        if (session.Stage == SessionStage.TurningAround)
        {
            Retry(session);
            return;
        }
        Failed(session, SessionEnd.ConnectTimeout, mayWait: false);
    }

    /// <summary>The server that the session tries to reach is known to be down: nobody waits for it.</summary>
    public void ServerIsGone(Session session)
    {
        if (session.BackendModel!.RedispatchInterval != 0 || !session.Stuck)
        {
            CloseServer(session);
            MoveOn(session);
        }
    }

    /// <summary>The attempt is given up, and whatever the session holds at the server given back.</summary>
    public void Leave(Session session)
    {
        NoteSocket(session, lacking: false);
        CloseServer(session);
        GiveBackPlace(session);
        (session.Server, session.Left) = (null, null);
    }

    private void Attempt(Session session)
    {
        ServerState server = session.Server!;
        session.Stage = SessionStage.Connecting;
        ServerSideCounters counters = server.Counters[loop.Index];
        counters.Sessions++;
        counters.LastSessionMs = loop.NowMs;
        counters.ConnectAttempts++;
        session.Backend!.Counters[loop.Index].ConnectAttempts++;

        // 1. The socket.
        SockAddress address = AddressFor(session, server);
        SysResult made = TcpSocket.Create(address.Family);
        if (made.Error is Errno.EMFILE or Errno.ENFILE && loop.Pipes.GiveUpKept())
        {
            made = TcpSocket.Create(address.Family);
        }
        if (made.Failed)
        {
            NoSocket(session, made);
            return;
        }
        session.ServerFd = made.Count;
        NoteSocket(session, lacking: false);
        session.Attempts++;
        session.NoDelaySet = false;
        session.Upload.SinkReady = false;
        session.Download = new Flow { SinkReady = session.Download.SinkReady };     // nothing of an attempt that failed

        // 2. Connect.
        SysResult connecting = Connect(session, server, address);
        if (connecting.Failed && connecting.Error != Errno.EINPROGRESS)
        {
            Refused(session, connecting);
            return;
        }
        if (loop.WatchServer(session).Failed)
        {
            End(session, SessionEnd.ResourceExhausted);
            return;
        }
        session.ServerActiveMs = loop.NowMs;
        if (session.Upload.Pending is not null && WorthTryingEarly() && SentEarly(session))
        {
            return;
        }
        session.DeadlineMs = SessionDeadlines.After(loop.NowMs, session.BackendModel!.ConnectTimeout);
        loop.Timers.Schedule(session, session.DeadlineMs);
    }

    /// <summary>From the configured address, else from a virtual one, else from that of the kernel's choice.</summary>
    private SysResult Connect(Session session, ServerState server, in SockAddress address)
    {
        SysResult prepared = Prepare(session, server);
        if (prepared.Failed)
        {
            return prepared;
        }
        if (server.Model.Source is not null || !loop.ServerSide.TryFind(session, server, loop.NowMs, out SockAddress own))
        {
            return TcpSocket.Connect(session.ServerFd, address);
        }
        TcpSocket.Set(session.ServerFd, SocketOption.ReuseAddress, 1);     // one port serves a connection to each server
        SysResult bound = default;
        for (int i = 0; i < ServerSideAddress.Tries; i++)
        {
            bound = TcpSocket.Bind(session.ServerFd, loop.ServerSide.WithNextPort(own, afterConflict: i > 0));
            if (bound.Error == Errno.EADDRINUSE)
            {
                continue;       // somebody listens there
            }
            if (bound.Failed)
            {
                return TcpSocket.Connect(session.ServerFd, address);     // the virtual address has just gone
            }
            SysResult connecting = TcpSocket.Connect(session.ServerFd, address);
            if (connecting.Error is not (Errno.EADDRNOTAVAIL or Errno.EADDRINUSE))
            {
                return connecting;
            }
            bound = connecting;     // a connection to this very server has that port
            if (!TryRenewSocket(session, server, address.Family))
            {
                return connecting;
            }
            TcpSocket.Set(session.ServerFd, SocketOption.ReuseAddress, 1);
        }
        loop.ServerSide.NoteExhausted();
        loop.Log.NoResources(session, bound, loop.NowMs, loop.UnixMs);
        return TcpSocket.Connect(session.ServerFd, address);
    }

    private bool TryRenewSocket(Session session, ServerState server, int family)
    {
        SysResult made = TcpSocket.Create(family);
        if (made.Failed)
        {
            return false;
        }
        Descriptor.Close(session.ServerFd);
        session.ServerFd = made.Count;
        session.NoDelaySet = false;
        return Prepare(session, server).Ok;
    }

    /// <summary>Descriptors or memory ran out: no further client is taken for now, and this one waits for somebody to leave.</summary>
    private void NoSocket(Session session, SysResult reason)
    {
        loop.Log.AcceptPaused(session.Listener.Plan, reason, loop.NowMs, loop.UnixMs);
        loop.Listeners.Pause(session.Listener, resourcesExhausted: true, loop.NowMs);
        NoteSocket(session, lacking: true);
        if (session.RetriesLeft <= 0)
        {
            End(session, SessionEnd.ResourceExhausted);
            return;
        }
        session.RetriesLeft--;
        CountRetry(session);
        TurnAround(session);
    }

    /// <summary>While a session waits for a descriptor, none is given to new clients, or these would take them all.</summary>
    public void NoteSocket(Session session, bool lacking)
    {
        if (session.LacksSocket != lacking)
        {
            session.LacksSocket = lacking;
            loop.LackingSockets += lacking ? 1 : -1;
        }
    }

    /// <summary>Where the session's connection to the server goes.</summary>
    public static SockAddress AddressFor(Session session, ServerState server)
    {
        if (!server.Model.PortIsOffset)
        {
            return server.Address;
        }
        TcpSocket.LocalAddress(session.ClientFd, out SockAddress local);
        return server.Address.WithPort(local.Port + server.Model.Port);
    }

    private SysResult Prepare(Session session, ServerState server)
    {
        int fd = session.ServerFd;
        loop.Process.Buffers.Server.Apply(fd);
        if (session.BackendModel!.KeepAlive)
        {
            TcpSocket.Set(fd, SocketOption.KeepAlive, 1);
        }
        int inHand = session.Upload.PendingEnd - session.Upload.PendingStart;
        if (session.Upload.Pending is not null)
        {
            TcpSocket.Set(fd, SocketOption.QuickAck, 0);
            if (inHand > OneSegment)
            {
                SetNoDelay(session);
            }
        }
        if (server.Model.Source is not { } configured)
        {
            return default;
        }
        var source = SockAddress.From(configured);
        TcpSocket.Set(fd, SocketOption.BindAddressNoPort, 1);
        if (source.Port != 0)
        {
            TcpSocket.Set(fd, SocketOption.ReuseAddress, 1);
        }
        return TcpSocket.Bind(fd, source);
    }

    /// <summary>Small writes leave at once from now on. The first one does anyway, so many short sessions never need the call.</summary>
    public static void SetNoDelay(Session session)
    {
        session.NoDelaySet = true;
        TcpSocket.Set(session.ServerFd, SocketOption.NoDelay, 1);
    }

    private bool WorthTryingEarly() => _earlyMisses < EarlyMissLimit || ++_earlyMisses % EarlyRetryEvery == 0;

    private bool SentEarly(Session session)
    {
        SysResult sent = Relay.SendEarly(ref session.Upload, session.ServerFd);
        if (sent.WouldBlock)
        {
            _earlyMisses++;
            return false;
        }
        if (sent.Failed)
        {
            Failed(session, EndFor(sent.Error), mayWait: true);
            return true;
        }
        _earlyMisses = 0;
        Connected(session);
        return true;
    }

    // 3. Success.
    private void Connected(Session session)
    {
        session.Stage = SessionStage.Relaying;
        session.ConnectMs = (int)(loop.NowMs - session.ConnectStartedMs);
        session.ClientActiveMs = loop.NowMs;
        session.ServerActiveMs = loop.NowMs;
        session.Upload.TakenMs = loop.NowMs;
        loop.Opening.Stick(session);
        loop.Log.Connected(session, loop.NowMs);
        loop.Relaying.ScheduleDeadline(session);
        loop.Recorder.Connected(session);
        loop.Relaying.Advance(session);
    }

    // 4. Failure.
    private void Refused(Session session, SysResult connecting)
    {
        if (connecting.Error is Errno.EADDRNOTAVAIL or Errno.EADDRINUSE or Errno.EAGAIN or Errno.ENOMEM or Errno.ENOBUFS)
        {
            loop.Log.NoResources(session, connecting, loop.NowMs, loop.UnixMs);      // no local port is left (connect(2)): another attempt has none either
            End(session, SessionEnd.ResourceExhausted);
            return;
        }
        Failed(session, EndFor(connecting.Error), mayWait: true);
    }

    private static SessionEnd EndFor(Errno error) => error == Errno.ETIMEDOUT ? SessionEnd.ConnectTimeout : SessionEnd.ServerRefused;

    private void Failed(Session session, SessionEnd end, bool mayWait)
    {
        CloseServer(session);
        if (session.RetriesLeft <= 0)
        {
            End(session, end);
            return;
        }
        session.RetriesLeft--;
        bool move = MayMove(session);
        if (!move)
        {
            CountRetry(session);
        }
        if (!mayWait || (move && session.Backend!.UsableServers > 1))
        {
            Retry(session);
            return;
        }
        TurnAround(session);
    }

    private void TurnAround(Session session)
    {
        session.Stage = SessionStage.TurningAround;
        long connectMs = SessionDeadlines.After(0, session.BackendModel!.ConnectTimeout);
        session.DeadlineMs = loop.NowMs + Math.Min(TurnAroundMs, connectMs);
        loop.Timers.Schedule(session, session.DeadlineMs);
    }

    private void Retry(Session session)
    {
        if (MayMove(session))
        {
            MoveOn(session);
            return;
        }
        Attempt(session);
    }

    private void CountRetry(Session session)
    {
        session.Server!.Counters[loop.Index].Retries++;
        session.Backend!.Counters[loop.Index].Retries++;
    }

    /// <summary>Whether another server may be chosen now: at the configured retries, or at once when it does not matter which.</summary>
    private static bool MayMove(Session session)
    {
        BackendModel model = session.BackendModel!;
        int interval = model.RedispatchInterval;
        if (interval == 0)
        {
            return false;
        }
        int retry = model.Retries - session.RetriesLeft;
        return (session.Server!.ServesStuck is false)
            || (interval > 0 && retry % interval == 0)
            || (interval < 0 && model.Retries + 1 + interval > 0 && retry % (model.Retries + 1 + interval) == 0)
            || (!session.Stuck && session.Backend!.MayMoveAtOnce);
    }

    private void MoveOn(Session session)
    {
        ServerState left = session.Server!;
        GiveBackPlace(session);
        session.Left = left;
        session.Stuck = false;
        session.Server = null;
        loop.Opening.Place(session, wanted: null, avoid: left);
    }

    /// <summary>A session that chose anew may have got the same server again: that is a retry like others.</summary>
    private void NoteMoved(Session session)
    {
        if (session.Left is not { } left)
        {
            return;
        }
        session.Left = null;
        if (left == session.Server)
        {
            CountRetry(session);
            return;
        }
        session.Redispatched = true;
        left.Counters[loop.Index].Redispatches++;
        session.Backend!.Counters[loop.Index].Redispatches++;
    }

    private void End(Session session, SessionEnd end)
    {
        session.Server!.Counters[loop.Index].ConnectErrors++;
        session.Backend!.Counters[loop.Index].ConnectErrors++;
        loop.Closing.End(session, end);
    }

    private static void CloseServer(Session session)
    {
        if (session.ServerFd >= 0)
        {
            Descriptor.Close(session.ServerFd);
            session.ServerFd = -1;
        }
    }

    /// <summary>Lets the next one in line have the session's place.</summary>
    public static void GiveBackPlace(Session session)
    {
        if (session.HoldsPlace)
        {
            session.HoldsPlace = false;
            session.Server!.Sessions.Leave();
            session.Backend!.Release(session.Server);
        }
    }
}
