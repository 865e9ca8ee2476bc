using System;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Rules;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Stats;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// From a connection in a listener's queue to a place at a server: accept, limits, rules, stick table, balance. One instance a
/// loop; owner: its thread.
/// </summary>
internal sealed class SessionOpening(EventLoop loop)
{
    /// <summary>Connections accepted from one listener in one turn, so that established ones have their turn too.</summary>
    private const int AcceptsPerTurn = 64;

    /// <summary>The same from one that closes once its queue is empty.</summary>
    private const int AcceptsWhenLeaving = 4096;

    /// <summary>Accepts what is in the queue, within all limits.</summary>
    public void AcceptFrom(Listener listener)
    {
        if (listener.Leaving && loop.NowMs >= listener.LeavesByMs)
        {
            loop.Listeners.Remove(listener, loop.NowMs);
            return;
        }
        if (loop.LackingSockets > 0)
        {
            loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);      // a session without a descriptor is before all who wait
            return;
        }
        if (!LetIn(listener))
        {
            return;
        }

        // The set is level-triggered for listeners: what is left is reported again. So one look a turn is enough while clients
        // come one by one, and the call that finds nothing is saved; when turn after turn finds some, more are taken at once.
        bool busy = listener.LastTurn == loop.Beats - 1;
        int atMost = listener.Burst = busy ? Math.Min(AcceptsPerTurn, listener.Burst * 2) : 1;
        if (listener.Leaving)
        {
            atMost = AcceptsWhenLeaving;
        }
        listener.LastTurn = loop.Beats;
        if (AcceptUpTo(listener, atMost) && listener.Leaving)
        {
            loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);      // still more: others first
        }
    }

    private SysResult Accept(Listener listener, out SockAddress client)
    {
        SysResult accepted = TcpSocket.Accept(listener.Fd, out client);
        if (accepted.Error is Errno.EMFILE or Errno.ENFILE && loop.Pipes.GiveUpKept())
        {
            accepted = TcpSocket.Accept(listener.Fd, out client);
        }
        if (accepted.Ok && listener.Shared.IsMarked)
        {
            ListenSocket.Unmark(accepted.Count, listener.Shared.IsV6);
        }
        return accepted;
    }

    /// <returns>False: the queue is empty, or the listener is paused.</returns>
    private bool AcceptUpTo(Listener listener, int atMost)
    {
        for (int i = 0; i < atMost; i++)
        {
            if (!HasRoom(listener))
            {
                loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);
                return false;
            }
            SysResult accepted = Accept(listener, out SockAddress client);
            if (accepted.Failed)
            {
                OnAcceptError(listener, accepted);
                return false;
            }
            listener.Frontend.Counters[loop.Index].Connections++;
            if (!TakeRoom(listener, loop.Process.Room))
            {
                listener.Line.Add(new WaitingClient(accepted.Count, client), loop.Process);     // another loop was quicker: it is the first when there is room
                loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);
                return false;
            }
            Begin(listener, accepted.Count, client, default);
            if (listener.Paused)
            {
                return false;     // there was no descriptor for its server
            }
        }
        return true;
    }

    /// <summary>
    /// Accepts some of those that wait at listeners of the address, beyond `maxconn`, and puts them in line: they are about to move, and what is in the kernel's
    /// queue can't. Who is not to be had for want of descriptors is counted. For a node that knows no line: within all limits, as ever.
    /// </summary>
    /// <returns>True: more may wait.</returns>
    public bool LineUpSome(FreezeOrder order)
    {
        bool ofAllAddresses = order.MayAccept(loop.Index);
        bool more = false;
        foreach (Listener listener in loop.Listeners.At(order.At))
        {
            more |= (order.TakesWaiting ? LineUp(listener, order) : AcceptWithin(listener)) && (ofAllAddresses || order.At.IsOnly(listener));
        }
        return more;
    }

    private bool AcceptWithin(Listener listener) => !listener.Paused && loop.LackingSockets == 0 && LetIn(listener) && AcceptUpTo(listener, AcceptsPerTurn);

    private bool LineUp(Listener listener, FreezeOrder order)
    {
        for (int i = 0; i < AcceptsPerTurn; i++)
        {
            SysResult accepted = Accept(listener, out SockAddress client);
            if (accepted.Failed)
            {
                switch (accepted.Error)
                {
                    case Errno.EAGAIN:
                        return false;
                    case Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM:
                        order.CountStuck();
                        return false;
                    default:
                        continue;       // gone before it was accepted
                }
            }
            listener.Frontend.Counters[loop.Index].Connections++;
            WaitingClient waiting = new(accepted.Count, client);
            if (!order.At.AreOf(listener, waiting) && listener.Line.IsEmpty && loop.LackingSockets == 0 && TakeRoom(listener, loop.Process.Room))
            {
                Begin(listener, accepted.Count, client, default);       // he came to an address that stays
                continue;
            }
            listener.Line.Add(waiting, loop.Process);
            loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);
            if (loop.Process.WaitingIsFull)
            {
                order.CountStuck();
                return false;
            }
        }
        return true;
    }

    /// <summary>Leaves whatever server or line the session is at, none of whose answers it has: it is at the beginning again.</summary>
    public void StepBack(Session session)
    {
        if (session.Waiter is { } waiter)
        {
            NoteQueued(session);
            session.Waiter = null;
            session.Backend!.Leave(waiter);
        }
        loop.Connecting.Leave(session);
        session.Backend?.Sessions.Leave();
        (session.Backend, session.Stuck, session.QueueDeadlineMs) = (null, false, 0);
    }

    /// <summary>A place was granted to a session that stood in line.</summary>
    public void TakeGranted(Session session)
    {
        Waiter waiter = session.Waiter!;
        ServerState server = waiter.Granted!;
        if (!session.Backend!.Accept(waiter))
        {
            return;
        }
        session.Waiter = null;
        NoteQueued(session);
        loop.Connecting.Begin(session, server);
    }

    /// <summary>The server that a session stood in line for is gone.</summary>
    public void ChooseAgain(Session session)
    {
        NoteQueued(session);
        session.Left = session.Waiter!.Server;
        session.Waiter = null;
        session.Stuck = false;
        Place(session, wanted: null, avoid: null);
    }

    /// <summary>Gives the session a server, a place in line, or its end.</summary>
    public void Place(Session session, ServerState? wanted, ServerState? avoid)
    {
        BackendState backend = session.Backend!;
        var ticket = new SessionTicket(loop, session.Index, session.Generation);
        Placement placement = backend.Place(ticket, wanted, session.ClientAddress.Mapped, avoid);
        switch (placement.Kind)
        {
            case PlacementKind.Granted:
                if (session.QueueMs < 0)
                {
                    session.QueueMs = 0;
                }
                loop.Connecting.Begin(session, placement.Server!);
                break;
            case PlacementKind.Queued:
                Queue(session, placement);
                break;
            default:
                backend.Counters[loop.Index].ConnectErrors++;
                loop.Closing.End(session, SessionEnd.ServerRefused);
                break;
        }
    }

    /// <summary>Remembers the server that the client got, where `stick` rules say so.</summary>
    public void Stick(Session session)
    {
        StickRules stick = session.Backend!.Plan.Stick;
        if (stick.Any)
        {
            ConnectionFacts facts = stick.NeedsFacts ? FactsOf(session) : default;
            stick.Store(session.ClientAddress.Mapped, facts, session.Server!, loop.NowMs);
        }
    }

    /// <summary>Begins the sessions of those in line, in order, for whom there is room.</summary>
    /// <returns>False: the listener is paused, and who comes now waits in the kernel's queue.</returns>
    private bool LetIn(Listener listener)
    {
        for (int i = 0; listener.Line.First is { } client; i++)
        {
            if (i == AcceptsPerTurn)
            {
                loop.Post(new LoopMessage.ResumeAccepting());       // others have their turn
            }
            if (i == AcceptsPerTurn || !TakeRoom(listener, loop.Process.RoomForWaiting))
            {
                loop.Listeners.Pause(listener, resourcesExhausted: false, loop.NowMs);
                return false;
            }
            listener.Line.Remove(client, loop.Process);
            Begin(listener, client.Fd, client.Address, client.Upload);
            if (listener.Paused)
            {
                return false;       // there was no descriptor for its server
            }
        }
        return true;
    }

    /// <summary>Looks first, so that connections wait in the kernel's queue where any server could still take them.</summary>
    private bool HasRoom(Listener listener)
    {
        ProcessState process = loop.Process;
        if (process.Connections.Current >= process.Room)
        {
            process.NotePaused();
            return process.Connections.Current < process.Room;   // one may have ended before the note was seen
        }
        FrontendState frontend = listener.Frontend;
        int adopting = process.Adopting;
        bool full = frontend.Sessions.Current + adopting >= listener.Plan.SessionLimit
            || (listener.Bind.MaxConn > 0 && listener.Shared.Sessions.Current + adopting >= listener.Bind.MaxConn);
        if (full)
        {
            frontend.NotePaused();
        }
        return !full;
    }

    /// <param name="connections">So many the process may have.</param>
    private bool TakeRoom(Listener listener, int connections)
    {
        FrontendState frontend = listener.Frontend;
        int adopting = loop.Process.Adopting;
        if (!TryEnter(loop.Process.Connections, connections))
        {
            loop.Process.NotePaused();
            return false;
        }
        if (TryEnter(frontend.Sessions, listener.Plan.SessionLimit - adopting))
        {
            if (listener.Bind.MaxConn == 0 || TryEnter(listener.Shared.Sessions, listener.Bind.MaxConn - adopting))
            {
                return true;
            }
            frontend.Sessions.Leave();
        }
        frontend.NotePaused();
        loop.Process.Connections.Leave();
        return false;
    }

    /// <param name="limit">0 or less: there is no place. The gauge itself would take 0 for no limit.</param>
    private static bool TryEnter(SessionGauge gauge, int limit) => limit > 0 && gauge.TryEnter(limit);

    private void OnAcceptError(Listener listener, SysResult accepted)
    {
        switch (accepted.Error)
        {
            case Errno.EAGAIN when listener.Leaving:
                loop.Listeners.Remove(listener, loop.NowMs);
                return;     // nobody waits there any more
            case Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED or Errno.EPROTO:
                listener.Burst = 1;
                return;     // nothing there, or the client was gone before it was accepted (accept(2))
            case Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM:
                loop.Process.NotePaused();
                loop.Listeners.Pause(listener, resourcesExhausted: true, loop.NowMs);
                loop.Log.AcceptPaused(listener.Plan, accepted, loop.NowMs, loop.UnixMs);
                return;
            default:
                loop.Listeners.Pause(listener, resourcesExhausted: true, loop.NowMs);     // network errors of accept(2): try again a little later
                return;
        }
    }

    /// <summary>A reload has put a stats page in the place of what he asked, half of which is in hand already.</summary>
    private void Refuse(Listener listener, int fd, Flow upload)
    {
        Relay.ReturnPending(ref upload);
        TcpSocket.ResetOnClose(fd);
        Descriptor.Close(fd);
        if (listener.Bind.MaxConn > 0) { listener.Shared.Sessions.Leave(); }
        loop.Process.ConnectionEnded(listener.Frontend);
    }

    /// <param name="upload">What he sent while another node had him.</param>
    private void Begin(Listener listener, int fd, in SockAddress client, in Flow upload)
    {
        FrontendState frontend = listener.Frontend;
        if (frontend.Mode == ProxyMode.Http)
        {
            if (upload.Pending is not null || upload.SourceEnded)
            {
                Refuse(listener, fd, upload);
                return;
            }
            frontend.Counters[loop.Index].Sessions++;
            loop.Process.Stats.Take(fd, new StatsSession(loop.Process, listener, client, fd));
            return;
        }
        Session session = loop.Sessions.Take();
        session.Begin(fd, client, listener, loop.NowMs, loop.UnixMs);
        session.Upload = upload;
        loop.Recent.Note(session);
        session.Stage = SessionStage.Connecting;
        frontend.Counters[loop.Index].Sessions++;
        if (loop.WatchClient(session).Failed)
        {
            loop.Closing.End(session, SessionEnd.ResourceExhausted);
            return;
        }

        // The client's first bytes are often there already; with them in hand the server gets them in the handshake's last packet.
        session.Upload.SourceReady = !session.Upload.SourceEnded;
        if (Relay.ReadAhead(ref session.Upload, fd) == PumpOutcome.SourceFailed)
        {
            loop.Closing.End(session, SessionEnd.ClientAbortedAtOnce);
            return;
        }
        loop.Log.Accepted(session);
        SendOn(session);
    }

    /// <summary>From a client alone to a server, a place in line, or its end.</summary>
    /// <param name="isCounted">It was at a backend before: on this node, or where it comes from.</param>
    public void SendOn(Session session, bool isCounted = false)
    {
        loop.Recorder.Add(session);
        BackendState? backend = ChooseBackend(session);
        if (backend is null)
        {
            loop.Closing.End(session, SessionEnd.ServerRefused);
            return;
        }
        BackendPlan plan = backend.Plan;
        session.Backend = backend;
        session.BackendModel = plan.Model;
        session.RetriesLeft = plan.Model.Retries;
        backend.Sessions.Enter();
        ServerSideCounters counters = backend.Counters[loop.Index];
        counters.Sessions += isCounted ? 0 : 1;
        counters.LastSessionMs = loop.NowMs;
        StickRules stick = plan.Stick;
        ServerState? stuck = stick.Any
            ? stick.Match(session.ClientAddress.Mapped, stick.NeedsFacts ? FactsOf(session) : default, loop.NowMs)
            : null;
        session.Stuck = stuck is not null;
        Place(session, stuck, avoid: null);
    }

    private static BackendState? ChooseBackend(Session session)
    {
        FrontendPlan frontend = session.Listener.Plan;
        if (frontend.Rules.Length > 0)
        {
            ConnectionFacts facts = FactsOf(session);
            foreach (BackendRule rule in frontend.Rules)
            {
                if (rule.Condition is null || rule.Condition.Holds(facts, frontend.UsableServers))
                {
                    return rule.Backend;
                }
            }
        }
        return frontend.DefaultBackend;
    }

    /// <summary>What rules may ask of the connection. The address that the client came to costs a call: only where rules are.</summary>
    private static ConnectionFacts FactsOf(Session session)
    {
        TcpSocket.LocalAddress(session.ClientFd, out SockAddress local);
        return new ConnectionFacts
        {
            Source = session.ClientAddress.Mapped,
            SourcePort = session.ClientAddress.Port,
            Destination = local.Mapped,
            DestinationPort = local.Port,
        };
    }

    private void Queue(Session session, Placement placement)
    {
        session.Stage = SessionStage.Queued;
        session.Waiter = placement.Waiter;
        session.QueuedMs = loop.NowMs;
        if (placement.Server is null)
        {
            session.BackendQueuePosition += placement.Ahead + 1;       // HAProxy counts itself
        }
        else
        {
            session.ServerQueuePosition += placement.Ahead + 1;
        }
        if (session.QueueDeadlineMs == 0)
        {
            BackendModel model = session.BackendModel!;
            session.QueueDeadlineMs = SessionDeadlines.After(loop.NowMs, model.QueueTimeout ?? model.ConnectTimeout);
        }
        session.DeadlineMs = session.QueueDeadlineMs;
        loop.Timers.Schedule(session, session.DeadlineMs);
    }

    /// <summary>Adds the time in this line to what the session has waited before.</summary>
    public void NoteQueued(Session session) =>
        session.QueueMs = Math.Max(0, session.QueueMs) + (int)(loop.NowMs - session.QueuedMs);
}
