using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Logging;
using ExchangeLb.Proxy.Recording;
using ExchangeLb.Proxy.Reload;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Loops;

/// <summary>
/// One thread that serves its share of the connections: waits for events, lets sessions act on them, fires deadlines, sends the
/// gathered log lines. A turn is: (1) wait; (2) read the clock, once; (3) events and messages, in the kernel's order; (4) sessions that
/// had more to do; (5) deadlines; (6) log. All that it owns is touched by its thread alone.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int EventsPerTurn = 256;

    /// <summary>Sessions ended by order in one turn.</summary>
    private const int CutsPerTurn = 256;

    /// <summary>In haste. Below those who order it, and far below leases.</summary>
    private const int RealTimePriority = 10;

    /// <summary>A step of the wall clock is noticed within this time.</summary>
    private const int WallReadEveryMs = 500;

    /// <summary>How often pipes that nobody needs are closed.</summary>
    private const int TrimPipesEveryMs = 5000;
    private const EpollBits SessionBits =
        EpollBits.EPOLLIN | EpollBits.EPOLLOUT | EpollBits.EPOLLRDHUP | EpollBits.EPOLLPRI | EpollBits.EPOLLET;
    private readonly EpollSet _epoll = new();
    private readonly EpollEvent[] _events = GC.AllocateUninitializedArray<EpollEvent>(EventsPerTurn, pinned: true);
    private List<Session> _ready = [];
    private List<Session> _readyNow = [];
    private readonly Thread _thread;
    private bool _stopped;
    private long _trimPipesAtMs;
    private readonly Action<Listener> _accept;
    private long _beats;
    private ulong _lastWaitingId;
    private long _idleTicks;
    private long _waitingSinceTicks;
    private long _wallAheadMs;
    private long _wallReadAgainMs = long.MinValue;
    private readonly Lock _hurryGate = new();
    private int? _threadId;

    public EventLoop(int index, ProcessState process, TrafficLog log)
    {
        Index = index;
        Process = process;
        Log = log;
        ReadClock();
        Timers = new TimerWheel(NowMs);
        Listeners = new ListenerSet(_epoll, process);
        Relay = new Relay(Pipes);
        Opening = new SessionOpening(this);
        _accept = Opening.AcceptFrom;
        Connecting = new ServerConnect(this);
        Relaying = new SessionRelaying(this);
        Closing = new SessionClosing(this);
        ServerSide = process.MakeServerSideAddress();
        Telling = new SessionTelling(this);
        Freezing = new SessionFreezing(this);
        Adopting = new SessionAdopting(this);
        Recorder = new SessionRecorder(this);
        Held = new HeldSessions(this);
        Checking = new SessionChecking(this);
        _thread = new Thread(Run) { Name = $"loop-{index}", IsBackground = true };
    }

    /// <summary>0 and up; which of the per-loop counters are its own.</summary>
    public int Index { get; }
    public ProcessState Process { get; }
    public TrafficLog Log { get; }
    public Mailbox Mailbox { get; } = new();
    public SessionTable Sessions { get; } = new();
    public RecentSessions Recent { get; } = new();
    public TimerWheel Timers { get; }
    public ListenerSet Listeners { get; }
    public PipePool Pipes { get; } = new();
    public Relay Relay { get; }
    public SessionOpening Opening { get; }
    public ServerConnect Connecting { get; }
    public SessionRelaying Relaying { get; }
    public SessionClosing Closing { get; }
    public ServerSideAddress ServerSide { get; }
    public SessionTelling Telling { get; }
    public SessionFreezing Freezing { get; }
    public SessionAdopting Adopting { get; }
    public SessionRecorder Recorder { get; }
    public HeldSessions Held { get; }
    public SessionChecking Checking { get; }

    /// <summary>Monotonic milliseconds, read once a turn. Set by tests of what a loop that does not run has.</summary>
    public long NowMs { get; internal set; }

    /// <summary>Wall clock in milliseconds since 1970, of the same moment.</summary>
    public long UnixMs { get; private set; }

    /// <summary>Turns so far: a loop that does not turn is hung. Read by others.</summary>
    public long Beats => Volatile.Read(ref _beats);

    /// <summary>Stopwatch ticks spent waiting, up to <paramref name="nowTicks"/>. Asked by others.</summary>
    public long IdleTicks(long nowTicks)
    {
        long since = Volatile.Read(ref _waitingSinceTicks);
        return Volatile.Read(ref _idleTicks) + (since == 0 ? 0 : Math.Max(0, nowTicks - since));
    }

    /// <summary>Sessions that wait for a descriptor towards their server.</summary>
    public int LackingSockets { get; set; }

    /// <summary>Where the loop begins in <see cref="IdOf"/>.</summary>
    public const int IdLoopShift = 58;

    /// <summary>No slot has so high a number.</summary>
    private const ulong WaitingIds = 1UL << (IdLoopShift - 1);

    /// <summary>Loop, slot and generation: never two sessions of one process within the 2^28 of a slot.</summary>
    public ulong IdOf(Session session) => ((ulong)Index << IdLoopShift) | ((ulong)(uint)session.Index << 28) | session.Generation;

    /// <summary>For a client who waits to be let in: of one move, and no session's.</summary>
    public ulong NextWaitingId() => ((ulong)Index << IdLoopShift) | WaitingIds | ++_lastWaitingId;

    /// <summary>The loop has ended: all sessions are closed.</summary>
    public event Action<EventLoop>? Ended;

    public void Start()
    {
        _epoll.Add(Mailbox.WakeUpFd, EpollBits.EPOLLIN, new EventKey(EventKind.WakeUp, 0, 0).Value);
        _thread.Start();
    }

    public bool Post(LoopMessage message) => Mailbox.Post(message);

    /// <summary>The loop goes before all that is not real-time, or no more. Any thread; refused by the host: all goes on as it did.</summary>
    public void Hurry(bool on)
    {
        lock (_hurryGate)       // its number is another thread's once it has ended
        {
            if (_threadId is { } id)
            {
                _ = on ? RealTime.RequestRoundRobin(RealTimePriority, id) : RealTime.GiveUp(id);
            }
        }
    }

    /// <summary>Registers the client's socket, once for its life: edge-triggered, all events.</summary>
    public SysResult WatchClient(Session session) =>
        _epoll.Add(session.ClientFd, SessionBits, new EventKey(EventKind.Client, session.Generation, session.Index).Value);

    /// <summary>The same for the server's socket of the present attempt.</summary>
    public SysResult WatchServer(Session session) =>
        _epoll.Add(session.ServerFd, SessionBits, EventKey.ForServer(session.Generation, session.Index, session.Attempts).Value);

    /// <summary>Closing does this, too, but not while another process has the socket open.</summary>
    public void Unwatch(int fd) => _epoll.Remove(fd);

    /// <summary>Lets the session go on in the next turn.</summary>
    public void RunAgain(Session session)
    {
        if (!session.InReadyList)
        {
            session.InReadyList = true;
            _ready.Add(session);
        }
    }

    public void Dispose()
    {
        _epoll.Dispose();
        Mailbox.Dispose();
        Pipes.GiveUpKept();
    }

    private void Run()
    {
        SetThreadId(RealTime.CurrentThread);
        try
        {
            while (!_stopped && (Listeners.IsOpen || Sessions.Count > 0))
            {
                Turn();
            }
            Listeners.Close();
            Log.Flush();
            foreach (LoopMessage message in Mailbox.Close())
            {
                Decline(message);
            }
            Ended?.Invoke(this);
        }
        catch (Exception broken)
        {
            Environment.FailFast($"loop {Index} is broken", broken);
        }
        SetThreadId(null);
    }

    private void SetThreadId(int? id)
    {
        lock (_hurryGate)
        {
            _threadId = id;
        }
    }

    private void Turn()
    {
        // 1. Wait.
        long before = Stopwatch.GetTimestamp();
        Volatile.Write(ref _waitingSinceTicks, before);
        SysResult waited = _epoll.Wait(_events, WaitMs());

        // 2. The clock.
        long after = ReadClock();
        Volatile.Write(ref _waitingSinceTicks, 0);
        Volatile.Write(ref _idleTicks, _idleTicks + after - before);
        Volatile.Write(ref _beats, _beats + 1);
        if (waited.Failed && waited.Error != Errno.EINTR)
        {
            Environment.FailFast($"epoll_wait: {waited.Describe()}");
        }

        // 3. Events and messages.
        for (int i = 0; i < waited.Count; i++)
        {
            Handle(_events[i]);
        }

        // 4. Sessions that had more to do.
        RunReady();

        // 5. Deadlines.
        while (Timers.TakeDue(NowMs) is { } session)
        {
            Relaying.CheckDeadline(session);
        }
        if (NowMs >= Listeners.RetryAtMs)
        {
            ResumeListeners();
        }
        if (NowMs >= _trimPipesAtMs)
        {
            _trimPipesAtMs = NowMs + TrimPipesEveryMs;
            Pipes.CloseUnused();
        }

        if (NowMs >= Recorder.DueMs)
        {
            Recorder.Tick();
        }
        Recorder.EndTurn();
        if (NowMs >= Held.DueMs)
        {
            Held.Tick();
        }

        // 6. What was logged leaves in as few calls as possible.
        Log.Flush();
    }

    private int WaitMs()
    {
        if (_ready.Count > 0)
        {
            return 0;
        }
        long dueMs = Math.Min(Listeners.RetryAtMs, Math.Min(Recorder.WakeMs(), Held.DueMs));
        if (Pipes.Kept > 0)
        {
            dueMs = Math.Min(dueMs, _trimPipesAtMs);
        }
        int timers = Timers.NextDelayMs(NowMs);
        if (dueMs == long.MaxValue)
        {
            return timers;
        }
        int wait = (int)Math.Max(0, dueMs - NowMs);
        return timers < 0 ? wait : Math.Min(timers, wait);
    }

    /// <summary>One call for both clocks: how far the wall clock is ahead of the monotonic one is read again now and then.</summary>
    private long ReadClock()
    {
        long ticks = Stopwatch.GetTimestamp();
        NowMs = LoopClock.ToMs(ticks);
        if (NowMs >= _wallReadAgainMs)
        {
            _wallAheadMs = LoopClock.UnixMs() - NowMs;
            _wallReadAgainMs = NowMs + WallReadEveryMs;
        }
        UnixMs = NowMs + _wallAheadMs;
        return ticks;
    }

    private void Handle(in EpollEvent @event)
    {
        var key = new EventKey(@event.Data);
        switch (key.Kind)
        {
            case EventKind.Client:
                if (Sessions.Find(key.Index, key.Generation) is { } session)
                {
                    Relaying.OnClientEvent(session, @event.Bits);
                }
                break;
            case EventKind.Server:
                if (Sessions.Find(key.Index, key.Generation) is { } served && (served.Attempts & 7) == key.Attempt)
                {
                    Relaying.OnServerEvent(served, @event.Bits);
                }
                break;
            case EventKind.Listener:
                if (Listeners.Ready(key.Index) is { } listener)
                {
                    Opening.AcceptFrom(listener);
                }
                break;
            case EventKind.WakeUp:
                foreach (LoopMessage message in Mailbox.Drain())
                {
                    Receive(message);
                }
                break;
        }
    }

    private void RunReady()
    {
        if (_ready.Count == 0)
        {
            return;
        }
        (_ready, _readyNow) = (_readyNow, _ready);
        _ready.Clear();
        foreach (Session session in _readyNow)
        {
            if (session.InReadyList)
            {
                session.InReadyList = false;
                if (session.Stage != SessionStage.Free)
                {
                    Relaying.Advance(session);
                }
            }
        }
    }

    private void Receive(LoopMessage message)
    {
        switch (message)
        {
            case LoopMessage.ResumeAccepting:
                ResumeListeners();
                break;
            case LoopMessage.PlaceGranted(var ticket, _):
                if (Sessions.Find(ticket.Index, ticket.Generation) is { Stage: SessionStage.Queued } granted)
                {
                    Opening.TakeGranted(granted);
                }
                break;
            case LoopMessage.ChooseAgain(var ticket):
                if (Sessions.Find(ticket.Index, ticket.Generation) is { Stage: SessionStage.Queued } waiting)
                {
                    Opening.ChooseAgain(waiting);
                }
                break;
            case LoopMessage.LeaveServer(var server, bool shutdown):
                ServerLeave.All(this, server, shutdown);
                break;
            case LoopMessage.ShutdownBackups(var backend):
                ServerLeave.Backups(this, backend);
                break;
            case LoopMessage.CountYoung(var young, var at, int youngerThanMs):
                young.Add(Recent.CountSince(NowMs - youngerThanMs, at, Sessions));
                break;
            case LoopMessage.CutSessions(var order, int from):
                CutSessions(order, from);
                break;
            case LoopMessage.TellSessions(var order, int first):
                Telling.Tell(order, first);
                break;
            case LoopMessage.FreezeSessions(var order, int first):
                Freezing.Freeze(order, first);
                break;
            case LoopMessage.ResumeFrozen(var at):
                Freezing.Resume(at);
                break;
            case LoopMessage.ResumeMore(var at, int first):
                Freezing.ResumeOn(at, first);
                break;
            case LoopMessage.ForgetFrozen(var at, int first):
                Freezing.Forget(at, first);
                break;
            case LoopMessage.RunAdopted(var order, var adopted, int first):
                Adopting.Run(order, adopted, first);
                break;
            case LoopMessage.HaveRun(var order, int count):
                order.HaveRun(count);
                break;
            case LoopMessage.BeginRecording(var records):
                Recorder.Begin(records);
                break;
            case LoopMessage.EndRecording(var address):
                Recorder.End(address);
                break;
            case LoopMessage.HoldSockets(var holder):
                Held.Begin(holder);
                break;
            case LoopMessage.AbandonSessions(var order, int first):
                AbandonSessions(order, first);
                break;
            case LoopMessage.AskSessions(var round, int first):
                Checking.Ask(round, first);
                break;
            case LoopMessage.JudgeSessions(var round, var heard):
                Checking.Judge(round, heard);
                break;
            case LoopMessage.Adopt(var change):
                Adopt(change);
                break;
            case LoopMessage.StopSoftly:
                Listeners.Close();
                break;
            case LoopMessage.StopNow:
                Listeners.Close();
                CloseSessions();
                _stopped = true;
                break;
        }
    }

    /// <summary>What came too late for this loop, and somebody waits for or has given something for.</summary>
    private void Decline(LoopMessage message)
    {
        switch (message)
        {
            case LoopMessage.TellSessions(var order, _):
                order.LoopIsThrough();
                break;
            case LoopMessage.FreezeSessions(var order, _):
                order.LoopIsThrough();
                break;
            case LoopMessage.AbandonSessions(var order, _):
                order.LoopIsThrough();
                break;
            case LoopMessage.AskSessions(var round, _):
                round.LoopIsThrough();
                break;
            case LoopMessage.JudgeSessions(var round, _):
                round.LoopIsThrough();
                break;
            case LoopMessage.CutSessions(var order, _):
                order.LoopIsThrough();
                break;
            case LoopMessage.HaveRun(var order, int count):
                order.HaveRun(count);
                break;
            case LoopMessage.RunAdopted(var order, var adopted, int first):
                for (int i = first; i < adopted.Count; i++)
                {
                    adopted[i].Refuse();
                }
                Process.HaveAdopted(adopted.Count - first);
                order.HaveRun(adopted.Skip(first).Count(session => session.IsAmid));
                break;
        }
    }

    private void ResumeListeners() => Listeners.Resume(_accept, NowMs);

    /// <summary>Sessions go on with what they began with; new ones begin with this. On the loop's thread, or before it has started.</summary>
    public void Adopt(LoopChange change)
    {
        Log.Adopt(change.Proxies.Model.Global, change.Proxies.Frontends);
        foreach (Listener leaving in Listeners.Replace(change.Binds.ListenersOf(Index), NowMs))
        {
            Opening.AcceptFrom(leaving);
        }
        ResumeListeners();      // limits may be wider now
        change.Done();
    }

    /// <summary>A slice a turn: those that stay must not wait until many thousands are closed.</summary>
    private void CutSessions(CutOrder order, int from)
    {
        LocalAddresses at = order.At;
        int cut = 0;
        if (from == 0)
        {
            Freezing.DropWaiting(at, client => !client.Frozen, order.IsLate);
        }
        for (int i = from; i < Sessions.HighWater; i++)
        {
            if (Sessions.At(i) is not { Stage: not SessionStage.Frozen } session || !at.AreOf(session))
            {
                continue;
            }
            if (++cut > CutsPerTurn)
            {
                if (!Post(new LoopMessage.CutSessions(order, i)))
                {
                    order.LoopIsThrough();
                }
                return;
            }
            if (order.IsLate)
            {
                ListenSocket.ResetFromAnywhere(session.ClientFd);
                ListenSocket.ResetFromAnywhere(session.ServerFd);
            }
            Closing.End(session, SessionEnd.ShutDown(session.Stage));
        }
        order.LoopIsThrough();
    }

    private void AbandonSessions(AbandonOrder order, int from)
    {
        Freezing.AbandonWaiting(order);
        List<Session> ending = [];
        int next = from;
        for (; next < Sessions.HighWater && ending.Count < CutsPerTurn; next++)
        {
            if (Sessions.At(next) is { } session && order.At.AreOf(session))
            {
                ending.Add(session);
            }
        }
        if (ending.Count > 0)
        {
            SessionRecorder.TellLost(ending.Where(session => !session.Given), this, order.NewBatch());
            ending.ForEach(Closing.Abandon);
        }
        if (next < Sessions.HighWater)
        {
            Post(new LoopMessage.AbandonSessions(order, next));
            return;
        }
        if (from > 0 || ending.Count > 0 || Adopting.Waiting > 0)
        {
            Post(new LoopMessage.AbandonSessions(order, From: 0));     // some may have begun meanwhile, and others wait to do so: once more, until there are none
            return;
        }
        order.LoopIsThrough();
    }

    private void CloseSessions()
    {
        for (int i = 0; i < Sessions.HighWater; i++)
        {
            if (Sessions.At(i) is { } session)
            {
                Closing.End(session, SessionEnd.ProcessStopped);
            }
        }
    }
}
