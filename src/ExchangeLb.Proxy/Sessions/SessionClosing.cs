using System;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>The one way out: every session ends here, once, with its counters, its log line and its descriptors. Owner: the loop's thread.</summary>
internal sealed class SessionClosing(EventLoop loop)
{
    /// <summary>No place was free in time.</summary>
    public void QueueTimedOut(Session session)
    {
        loop.Opening.NoteQueued(session);
        session.Backend!.Counters[loop.Index].ConnectErrors++;
        if (session.Waiter!.Server is { } server)
        {
            server.Counters[loop.Index].ConnectErrors++;
        }
        End(session, SessionEnd.QueueTimeout);
    }

    /// <summary>The client did not wait for a place.</summary>
    public void LeftTheLine(Session session)
    {
        loop.Opening.NoteQueued(session);
        End(session, SessionEnd.ClientAbortedQueued);
    }

    public void End(Session session, SessionEnd end)
    {
        loop.Relaying.CountBytes(session);
        Count(session, end);
        loop.Log.SessionEnded(session, end, loop.NowMs);
        GiveBack(session);
    }

    /// <summary>A frozen session lives at another node now, which counts its end and writes its line. Its sockets are in repair: they close without a packet.</summary>
    public void Forget(Session session) => GiveBack(session);

    /// <summary>It lives elsewhere, though nobody handed it over: it ends here without a packet.</summary>
    public void Abandon(Session session)
    {
        TcpDump.Silence(session.ClientFd);
        if (session.ServerFd >= 0)
        {
            TcpDump.Silence(session.ServerFd);
        }
        if (session.Stage == SessionStage.Frozen)
        {
            Forget(session);
            return;
        }
        End(session, SessionEnd.ShutDown(session.Stage));
    }

    private void GiveBack(Session session)
    {
        if (session.Recording is not null)
        {
            loop.Recorder.Ended(session);
        }
        loop.Connecting.NoteSocket(session, lacking: false);
        if (session.Shared)
        {
            loop.Held.Close(session);
        }
        else
        {
            CloseSockets(session);
        }
        loop.Relay.Drop(ref session.Upload);
        loop.Relay.Drop(ref session.Download);
        loop.Timers.Cancel(session);
        session.InReadyList = false;
        if (session.Waiter is { } waiter)
        {
            session.Waiter = null;
            session.Backend!.Leave(waiter);
        }
        ServerConnect.GiveBackPlace(session);
        session.Backend?.Sessions.Leave();
        Listening.Listener listener = session.Listener;
        if (listener.Bind.MaxConn > 0)
        {
            listener.Shared.Sessions.Leave();
        }
        loop.Sessions.Free(session);
        loop.Process.ConnectionEnded(listener.Frontend);
    }

    private static void CloseSockets(Session session)
    {
        Descriptor.Close(session.ClientFd);
        if (session.ServerFd >= 0)
        {
            Descriptor.Close(session.ServerFd);
        }
    }

    private void Count(Session session, SessionEnd end)
    {
        if (session.Backend is not { } backend)
        {
            return;
        }
        ServerSideCounters counters = backend.Counters[loop.Index];
        ServerSideCounters? server = session.Server?.Counters[loop.Index];
        CountAbort(counters, end);
        if (server is not null)
        {
            CountAbort(server, end);
        }
        if (session.ConnectMs >= 0)
        {
            int totalMs = (int)Math.Min(int.MaxValue, loop.NowMs - session.AcceptedMs);
            int queueMs = Math.Max(0, session.QueueMs);
            counters.Means.Add(queueMs, session.ConnectMs, totalMs);
            server?.Means.Add(queueMs, session.ConnectMs, totalMs);
        }
    }

    private static void CountAbort(ServerSideCounters counters, SessionEnd end)
    {
        switch ((char)end.Cause, (char)end.Phase)
        {
            case ('C' or 'c', 'D'):
                counters.ClientAborts++;
                break;
            case ('S', 'D'):
                counters.ServerAborts++;
                counters.ResponseErrors++;
                break;
            case ('s', 'D'):
                counters.ServerAborts++;
                break;
        }
    }
}
