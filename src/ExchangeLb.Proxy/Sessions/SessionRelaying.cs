using System;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// Lets a session act on what its sockets report: notes readiness, pumps both directions, passes on ends of streams, and finds
/// out when all is done. One instance a loop; owner: its thread.
/// </summary>
internal sealed class SessionRelaying(EventLoop loop)
{
    private const EpollBits ReadBits =
        EpollBits.EPOLLIN | EpollBits.EPOLLRDHUP | EpollBits.EPOLLHUP | EpollBits.EPOLLERR | EpollBits.EPOLLPRI;
    private const EpollBits WriteBits = EpollBits.EPOLLOUT | EpollBits.EPOLLHUP | EpollBits.EPOLLERR;

    public void OnClientEvent(Session session, EpollBits bits)
    {
        Note(ref session.Upload, ref session.Download, bits);
        if (session.Stage == SessionStage.Relaying)
        {
            // A client that had finished and now resets takes nothing more: nobody need wait for the server to find that out.
            if ((bits & EpollBits.EPOLLERR) != 0 && session.Upload.Finished)
            {
                loop.Closing.End(session, SessionEnd.ClientAborted);
                return;
            }
            Advance(session);
            return;
        }
        if (session.Stage == SessionStage.Frozen)
        {
            return;
        }
        OnEarlyClientEvent(session, (bits & EpollBits.EPOLLERR) != 0);
    }

    public void OnServerEvent(Session session, EpollBits bits)
    {
        bool failed = (bits & (EpollBits.EPOLLERR | EpollBits.EPOLLHUP)) != 0;
        if (session.Stage == SessionStage.Relaying)
        {
            Note(ref session.Download, ref session.Upload, bits);
            Advance(session);
        }
        else if (session.Stage == SessionStage.Frozen)
        {
            Note(ref session.Download, ref session.Upload, bits);
        }
        else if (session.Stage == SessionStage.Connecting && (failed || (bits & EpollBits.EPOLLOUT) != 0))
        {
            Note(ref session.Download, ref session.Upload, bits);
            loop.Connecting.OnEvent(session, failed);
        }
    }

    private static void Note(ref Flow from, ref Flow to, EpollBits bits)
    {
        from.SourceReady |= (bits & ReadBits) != 0;
        from.ShortReadsMislead |= (bits & (EpollBits.EPOLLPRI | EpollBits.EPOLLERR)) != 0;
        from.Bulk &= (bits & EpollBits.EPOLLPRI) == 0;

        // With an error pending the end is no clean one: read on until the error is told.
        from.SourceHalfClosed |= (bits & (EpollBits.EPOLLRDHUP | EpollBits.EPOLLERR)) == EpollBits.EPOLLRDHUP;
        to.SinkReady |= (bits & WriteBits) != 0;
    }

    /// <summary>Moves what can be moved now, both ways.</summary>
    public void Advance(Session session)
    {
        if (session.Stage != SessionStage.Relaying)
        {
            return;
        }
        if (session.RecordedQuiet)
        {
            loop.Recorder.Awake(session);
        }
        if (!session.NoDelaySet && session.Upload is { Passed: > 0, SourceReady: true, SourceHalfClosed: false })
        {
            ServerConnect.SetNoDelay(session);
        }
        var before = new Moved(session);
        PumpOutcome up = loop.Relay.Pump(ref session.Upload, session.ClientFd, session.ServerFd);
        if (!session.NoDelaySet && session.Upload.Passed > ServerConnect.OneSegment)
        {
            ServerConnect.SetNoDelay(session);      // pushes out the last segment too, which would wait for an acknowledgement
        }
        if (up == PumpOutcome.SinkFailed)
        {
            session.Failure ??= SessionEnd.ServerAborted;
            session.Download.SourceReady = true;    // what the server sent before it failed is the client's
        }
        PumpOutcome down = loop.Relay.Pump(ref session.Download, session.ServerFd, session.ClientFd);
        Account(session, before);
        if (down == PumpOutcome.SourceFailed)
        {
            session.Failure ??= SessionEnd.ServerAborted;
        }
        if (up == PumpOutcome.SourceFailed || down == PumpOutcome.SinkFailed)
        {
            loop.Closing.End(session, SessionEnd.ClientAborted);
            return;
        }
        if (Settle(session))
        {
            return;
        }
        if (before.UploadHeld != session.Upload.HoldsBytes || before.DownloadHeld != session.Download.HoldsBytes)
        {
            ScheduleDeadline(session);      // who is waited for has changed
        }
        if (up == PumpOutcome.Again || down == PumpOutcome.Again)
        {
            loop.RunAgain(session);
        }
    }

    /// <summary>A session whose sides have no timeout is looked at now and then all the same, as who is waited for may change.</summary>
    public void ScheduleDeadline(Session session) =>
        loop.Timers.Schedule(session, Math.Min(SessionDeadlines.Next(session), loop.NowMs + TimerWheel.HorizonMs));

    /// <summary>The timer wheel came by: has anyone been silent for too long?</summary>
    public void CheckDeadline(Session session)
    {
        bool relaying = session.Stage == SessionStage.Relaying;
        long deadline = relaying ? SessionDeadlines.Next(session) : session.DeadlineMs;
        if (loop.NowMs < deadline)
        {
            loop.Timers.Schedule(session, relaying ? Math.Min(deadline, loop.NowMs + TimerWheel.HorizonMs) : deadline);
            return;
        }
        switch (session.Stage)
        {
            case SessionStage.Relaying:
                bool client = SessionDeadlines.Client(session) <= SessionDeadlines.Server(session);
                loop.Closing.End(session, client ? SessionEnd.ClientTimeout : SessionEnd.ServerTimeout);
                break;
            case SessionStage.Queued:
                loop.Closing.QueueTimedOut(session);
                break;
            default:
                loop.Connecting.OnDeadline(session);
                break;
        }
    }

    /// <summary>A client that has not got its server yet: it may send, or leave.</summary>
    private void OnEarlyClientEvent(Session session, bool failed)
    {
        PumpOutcome read = failed ? PumpOutcome.SourceFailed : Relay.ReadAhead(ref session.Upload, session.ClientFd);
        bool nothingToDeliver = session.Upload is { SourceEnded: true, Pending: null };
        bool abort = session.Upload.SourceHalfClosed && session.BackendModel!.AbortOnClose;
        if (read == PumpOutcome.SourceFailed || nothingToDeliver || abort)
        {
            if (session.Stage == SessionStage.Queued)
            {
                loop.Closing.LeftTheLine(session);
                return;
            }
            loop.Closing.End(session, SessionEnd.ClientAbortedConnecting);
        }
    }

    /// <summary>Passes on ends of streams; true when the session has ended.</summary>
    private bool Settle(Session session)
    {
        ref Flow upload = ref session.Upload;
        ref Flow download = ref session.Download;
        if (download.Finished && (upload.Finished || session.Failure is not null))
        {
            loop.Closing.End(session, session.Failure ?? SessionEnd.Normal);
            return true;
        }
        if (upload.Finished && !upload.SinkShut && !upload.SinkFailed)
        {
            upload.SinkShut = true;
            TcpSocket.ShutdownWrite(session.ServerFd);
            session.ServerActiveMs = loop.NowMs;
            ScheduleDeadline(session);
        }
        if (download.Finished && !download.SinkShut)
        {
            download.SinkShut = true;
            TcpSocket.ShutdownWrite(session.ClientFd);
            session.ClientActiveMs = loop.NowMs;
            ScheduleDeadline(session);
        }
        return false;
    }

    /// <summary>Notes who was active, and adds to the counters what came since the last time.</summary>
    private void Account(Session session, in Moved before)
    {
        bool clientTook = session.Download.Passed != before.DownloadPassed;
        bool serverTook = session.Upload.Passed != before.UploadPassed;
        if (clientTook || session.Upload.Received != before.UploadReceived)
        {
            session.ClientActiveMs = loop.NowMs;
        }
        if (serverTook || session.Download.Received != before.DownloadReceived)
        {
            session.ServerActiveMs = loop.NowMs;
        }
        if (clientTook || (session.Download.HoldsBytes && !before.DownloadHeld))
        {
            session.Download.TakenMs = loop.NowMs;
        }
        if (serverTook || (session.Upload.HoldsBytes && !before.UploadHeld))
        {
            session.Upload.TakenMs = loop.NowMs;
        }
        CountBytes(session);
    }

    /// <summary>Adds the bytes that are not yet in the counters.</summary>
    public void CountBytes(Session session)
    {
        long sent = session.Upload.Received - session.UploadCounted;
        long received = session.Download.Received - session.DownloadCounted;
        if (sent == 0 && received == 0)
        {
            return;
        }
        session.UploadCounted += sent;
        session.DownloadCounted += received;
        ClientSideCounters frontend = session.Listener.Frontend.Counters[loop.Index];
        frontend.BytesIn += sent;
        frontend.BytesOut += received;
        if (session.Backend is { } backend)
        {
            AddTo(backend.Counters[loop.Index], sent, received);
        }
        if (session.Server is { } server)
        {
            AddTo(server.Counters[loop.Index], sent, received);
        }
    }

    private static void AddTo(ServerSideCounters counters, long sent, long received)
    {
        counters.BytesIn += sent;
        counters.BytesOut += received;
    }

    private readonly struct Moved(Session session)
    {
        public readonly long UploadReceived = session.Upload.Received;
        public readonly long UploadPassed = session.Upload.Passed;
        public readonly long DownloadReceived = session.Download.Received;
        public readonly long DownloadPassed = session.Download.Passed;
        public readonly bool UploadHeld = session.Upload.HoldsBytes;
        public readonly bool DownloadHeld = session.Download.HoldsBytes;
    }
}
