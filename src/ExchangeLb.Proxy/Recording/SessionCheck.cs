using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Finds those of this node's own sessions with which another node has gone on while the two could not hear each other, and this one stayed owner: (1) all
/// loops ask; (2) the answers are heard on the wire, as the kernel tells of none; (3) the loops judge, with what their sockets know by then; (4) who did not answer, was busy, or may
/// send again what is missing here is asked again, less and less often. Owner: the thread that runs it.
/// </summary>
internal sealed class SessionCheck(IPAddress address, ImmutableArray<EventLoop> loops)
{
    /// <summary>From the last question until the answers are judged.</summary>
    private const int AnswerMs = 300;

    private const int LookEveryMs = 20;

    private const int LongestPauseMs = 16_000;

    /// <summary>Linux sends again what was lost within 120 s (TCP_RTO_MAX).</summary>
    private const int LimitMs = 130_000;

    private readonly LocalAddresses _at = new([address]);
    private readonly object _gate = new();
    private volatile bool _isOver;
    private readonly byte[] _frame = new byte[TcpSegment.HeadLimit];
    private Dictionary<ulong, SessionStand?>? _open;

    /// <summary>The address is lost, or there is a newer check. Any thread.</summary>
    public void CallOff()
    {
        lock (_gate)
        {
            _isOver = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <returns>Sessions that were reset.</returns>
    public int Run(int link)
    {
        long endMs = LoopClock.NowMs() + LimitMs;
        int reset = 0;
        for (int pauseMs = SessionProof.AskAgainMs; !_isOver; pauseMs = Math.Min(2 * pauseMs, LongestPauseMs))
        {
            bool isLast = LoopClock.NowMs() >= endMs;
            reset += RunRound(link, isLast);
            if (isLast || _open is { Count: 0 })
            {
                break;
            }
            Pause(pauseMs);
        }
        return reset;
    }

    private void Pause(int ms)
    {
        lock (_gate)
        {
            if (!_isOver) { Monitor.Wait(_gate, ms); }
        }
    }

    private int RunRound(int link, bool isLast)
    {
        CheckRound round = new(_at, loops.Length, _open, isLast);
        using EpollSet epoll = new();
        using PacketSocket? listener = HeadsListener.TryOpen(address, link, epoll);
        if (listener is null)
        {
            return 0;       // nothing is heard, and so nothing is judged
        }
        // 1., 2.
        Post(round, loop => new LoopMessage.AskSessions(round, From: 0));
        Await(round, epoll, listener, AnswerMs, Hear);
        // 3.
        ILookup<EventLoop, CheckedSession> heard = round.Asked.Values.Where(asked => asked.IsClient && asked.Session.WasHeard).Select(asked => asked.Session)
            .ToLookup(session => loops[(int)(session.Id >> EventLoop.IdLoopShift)]);
        round.Begin(loops.Length);
        Post(round, loop => new LoopMessage.JudgeSessions(round, [.. heard[loop]]));
        Await(round, epoll, listener, afterwardsMs: 0, Pass);
        // 4.
        _open = new Dictionary<ulong, SessionStand?>(round.Left);
        return round.ResetTotal;
    }

    private void Post(CheckRound round, Func<EventLoop, LoopMessage> message)
    {
        foreach (EventLoop loop in loops)
        {
            if (!loop.Post(message(loop)))
            {
                round.LoopIsThrough();      // it has ended
            }
        }
    }

    private void Await(CheckRound round, EpollSet epoll, PacketSocket listener, int afterwardsMs, Action<PacketSocket, CheckRound> take)
    {
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        long? untilMs = null;
        while (untilMs is not { } until || LoopClock.NowMs() < until)
        {
            epoll.Wait(events, LookEveryMs);
            take(listener, round);
            if (_isOver) { round.CallOff(); }
            if (round.LoopsAreThrough) { untilMs ??= LoopClock.NowMs() + afterwardsMs; }
        }
    }

    /// <summary>What is said while the loops judge is not noted: they read what was.</summary>
    private void Pass(PacketSocket listener, CheckRound round)
    {
        while (listener.Receive(_frame) is { Failed: false })
        {
        }
    }

    private void Hear(PacketSocket listener, CheckRound round)
    {
        while (listener.Receive(_frame) is { Failed: false } received)
        {
            if (received.Count > 0 && TcpSegment.TryRead(_frame.AsSpan(0, received.Count), out TcpSegment segment)
                && round.Asked.TryGetValue(new SegmentKey(segment.Source, segment.SourcePort, segment.DestinationPort), out (CheckedSession Session, bool IsClient) asked))
            {
                asked.Session.Hear(segment, asked.IsClient);
            }
        }
    }
}
