using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Control;

/// <summary>
/// The control thread: checks, changes of servers, statistics of the second. It is never on the way of a byte, so it may allocate
/// and use delegates. All that runs in it runs one after the other.
/// </summary>
internal sealed class ControlLoop : IDisposable
{
    private const int EventsPerTurn = 64;

    /// <summary>Orders from other threads that may wait at once; beyond that they are refused.</summary>
    private const int OrderLimit = 10_000;
    private readonly EpollSet _epoll = new();
    private readonly WakeUp _wakeUp = new();
    private readonly ConcurrentQueue<Action> _orders = new();
    private readonly PriorityQueue<ControlTimer, long> _timers = new();
    private readonly Dictionary<ulong, Action<EpollBits>> _watched = [];
    private readonly Dictionary<int, ulong> _keyByFd = [];
    private readonly EpollEvent[] _events = GC.AllocateUninitializedArray<EpollEvent>(EventsPerTurn, pinned: true);
    private readonly Thread _thread;
    private ulong _nextKey = 1;
    private volatile bool _stopping;

    public ControlLoop()
    {
        ReadClock();
        _epoll.Add(_wakeUp.Fd, EpollBits.EPOLLIN, 0);
        _thread = new Thread(Run) { Name = "control", IsBackground = true };
    }

    /// <summary>Monotonic milliseconds, read once a turn.</summary>
    public long NowMs { get; private set; }

    /// <summary>Wall clock in milliseconds since 1970, of the same moment.</summary>
    public long UnixMs { get; private set; }

    /// <summary>Called at the end of each turn.</summary>
    public Action? TurnEnded { get; set; }

    public void Start() => _thread.Start();

    /// <summary>Lets an order run on the control thread; false: too many wait, or the thread has ended.</summary>
    public bool Post(Action order)
    {
        if (_stopping || _orders.Count >= OrderLimit)
        {
            return false;
        }
        _orders.Enqueue(order);
        _wakeUp.Signal();
        return true;
    }

    /// <summary>Runs an order on the control thread and waits for its answer. Not from the control thread itself.</summary>
    public T Ask<T>(Func<T> order, T whenRefused)
    {
        using var done = new ManualResetEventSlim();
        T answer = whenRefused;
        bool posted = Post(() =>
        {
            answer = order();
            done.Set();
        });
        while (posted && !done.Wait(100))
        {
            posted = !_stopping;
        }
        return answer;
    }

    /// <summary>On the control thread: calls once the time has come.</summary>
    public ControlTimer At(long dueMs, Action action)
    {
        var timer = new ControlTimer(action);
        _timers.Enqueue(timer, dueMs);
        return timer;
    }

    /// <summary>On the control thread: calls on each event of a descriptor, level-triggered.</summary>
    public SysResult Watch(int fd, EpollBits bits, Action<EpollBits> onEvent)
    {
        ulong key = _nextKey++;
        SysResult added = _epoll.Add(fd, bits, key);
        if (added.Ok)
        {
            _watched[key] = onEvent;
            _keyByFd[fd] = key;
        }
        return added;
    }

    public void Change(int fd, EpollBits bits) => _epoll.Modify(fd, bits, _keyByFd[fd]);

    /// <summary>Before the descriptor is closed.</summary>
    public void Forget(int fd)
    {
        if (_keyByFd.Remove(fd, out ulong key))
        {
            _watched.Remove(key);
            _epoll.Remove(fd);
        }
    }

    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }
        _stopping = true;
        _wakeUp.Signal();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
        _epoll.Dispose();
        _wakeUp.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Turn();
            }
        }
        catch (Exception broken)
        {
            Environment.FailFast("the control thread is broken", broken);
        }
    }

    private void Turn()
    {
        SysResult waited = _epoll.Wait(_events, WaitMs());
        ReadClock();
        for (int i = 0; i < waited.Count; i++)
        {
            if (_events[i].Data == 0)
            {
                _wakeUp.Clear();
            }
            else if (_watched.TryGetValue(_events[i].Data, out Action<EpollBits>? onEvent))
            {
                onEvent(_events[i].Bits);
            }
        }
        while (_orders.TryDequeue(out Action? order))
        {
            order();
        }
        while (_timers.TryPeek(out ControlTimer? timer, out long dueMs) && (dueMs <= NowMs || timer.Cancelled))
        {
            _timers.Dequeue();
            timer.Fire();
        }
        TurnEnded?.Invoke();
    }

    private int WaitMs() => _timers.TryPeek(out _, out long dueMs) ? (int)Math.Clamp(dueMs - NowMs, 0, 60_000) : -1;

    private void ReadClock()
    {
        NowMs = LoopClock.NowMs();
        UnixMs = LoopClock.UnixMs();
    }
}

/// <summary>Something that is due at a time. Owner: the control thread.</summary>
internal sealed class ControlTimer(Action action)
{
    public bool Cancelled { get; private set; }

    public bool Fired { get; private set; }

    public void Cancel() => Cancelled = true;

    public void Fire()
    {
        Fired = true;
        if (!Cancelled)
        {
            action();
        }
    }
}
