using System;
using System.Collections.Generic;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Passes the sockets of this loop's quiet sessions to a holder, once for each: one that wakes up stays held, as its records tell that it is active. And
/// ends them so that the other sides cannot tell the difference. Without a holder nothing is called. One instance a loop; owner: its thread.
/// </summary>
internal sealed class HeldSessions(EventLoop loop)
{
    /// <summary>Sessions passed in one turn, when there are many: after a new holder has come.</summary>
    private const int PassedPerTurn = 64;

    private const int TryAgainMs = 10;

    /// <summary>What was dropped is closed by then: connections that have ended only take memory. For others: <see cref="SendDrops"/>.</summary>
    private const int DropWithinMs = 1000;

    /// <summary>Sessions that wait for a holder which takes none for a while; others are passed when they are quiet the next time.</summary>
    private const int WaitingMax = 1 << 16;

    private readonly Queue<SessionTicket> _waiting = new();
    private IHeldSockets? _holder;
    private int _number;
    private long _passDueMs = long.MaxValue;
    private long _dropDueMs = long.MaxValue;

    /// <summary>Sessions that were not passed, as too many waited. Read by others.</summary>
    public long NotHeldTotal { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do, in ms of the loop's clock; long.MaxValue: never.</summary>
    public long DueMs => Math.Min(_passDueMs, _dropDueMs);

    /// <summary>A holder that has nothing of this loop.</summary>
    public void Begin(IHeldSockets holder)
    {
        _holder = holder;
        _number++;
        _waiting.Clear();
        for (int i = 0; i < loop.Sessions.HighWater; i++)
        {
            if (loop.Sessions.At(i) is { RecordedQuiet: true } session)
            {
                Wait(session);
            }
        }
    }

    /// <summary>The peer is told that it is quiet, in the next message.</summary>
    public void Quiet(Session session)
    {
        if (_holder is not null && session.HeldBy != _number && !TryPass(session))
        {
            Wait(session);
        }
    }

    /// <summary>The session goes on, but is not to outlive this process any more (<see cref="SendDrops"/> is to follow), or it has ended.</summary>
    public void Drop(Session session)
    {
        if (session.HeldBy != 0)        // also of a former number: it may have been passed to the new holder already
        {
            session.HeldBy = 0;
            _holder!.Drop(loop.IdOf(session));
            _dropDueMs = Math.Min(_dropDueMs, loop.NowMs + DropWithinMs);
        }
    }

    /// <summary>Ends both connections as closing their sockets would, had nobody else them open.</summary>
    public void Close(Session session)
    {
        Close(session.ClientFd);
        if (session.ServerFd >= 0)
        {
            Close(session.ServerFd);
        }
        Drop(session);
    }

    public void SendDrops()
    {
        if (_dropDueMs < long.MaxValue)
        {
            _dropDueMs = long.MaxValue;
            _holder?.SendDrops();
        }
    }

    public void Tick()
    {
        if (loop.NowMs >= _dropDueMs)
        {
            SendDrops();
        }
        if (loop.NowMs >= _passDueMs)
        {
            Pass();
        }
    }

    private void Pass()
    {
        _passDueMs = long.MaxValue;
        for (int passed = 0; passed < PassedPerTurn && _waiting.TryPeek(out SessionTicket ticket); passed++)
        {
            if (loop.Sessions.Find(ticket.Index, ticket.Generation) is { RecordedQuiet: true } session && session.HeldBy != _number && !TryPass(session))
            {
                _passDueMs = loop.NowMs + TryAgainMs;
                return;
            }
            _waiting.Dequeue();
        }
        if (_waiting.Count > 0)
        {
            _passDueMs = loop.NowMs;
        }
    }

    /// <returns>False: to be tried again.</returns>
    private bool TryPass(Session session)
    {
        switch (_holder!.Hold(loop.IdOf(session), session.ClientFd, session.ServerFd))
        {
            case HoldAnswer.Passed:
                session.Shared = true;
                session.HeldBy = _number;
                return true;
            case HoldAnswer.Busy:
                return false;
            default:
                return true;        // the next holder is told of all that are quiet then
        }
    }

    private void Wait(Session session)
    {
        if (_waiting.Count >= WaitingMax)
        {
            NotHeldTotal++;
            return;
        }
        _waiting.Enqueue(new SessionTicket(loop, session.Index, session.Generation));
        if (_passDueMs == long.MaxValue)
        {
            _passDueMs = loop.NowMs + TryAgainMs;
        }
    }

    private void Close(int fd)
    {
        loop.Unwatch(fd);       // its events would come for as long as a duplicate lives
        SharedSocket.Close(fd);
    }
}
