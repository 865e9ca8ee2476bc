using System;
using System.Collections.Concurrent;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;

namespace ExchangeLb.Clustering;

/// <summary>
/// The thread that holds the leases: everything that <see cref="OwnershipNode"/> hears and does happens on it, and nothing else does. It waits for
/// messages, frames, orders, or the protocol's next deadline, whichever comes first.
/// </summary>
internal sealed class LeaseThread : IMailReceiver, IDisposable
{
    /// <summary>Messages and orders that may wait at once. More are dropped and counted: the protocol repeats what matters.</summary>
    private const int WaitingMax = 1024;
    private const ulong WokenUp = 0;
    private const ulong FirstFrames = 1;

    private readonly EpollSet _epoll = new();
    private readonly WakeUp _wakeUp = new();
    private readonly ConcurrentQueue<Action> _waiting = new();
    private readonly EpollEvent[] _events = GC.AllocateUninitializedArray<EpollEvent>(16, pinned: true);
    private readonly Thread _thread;
    private readonly OwnershipNode _node;
    private readonly IMonotonicClock _clock;
    private readonly Action _prepare;
    private readonly Action<ulong> _onReadable;
    private readonly Func<TimeSpan, TimeSpan> _everyTurn;
    private long _droppedTotal;
    private volatile bool _stopping;

    /// <param name="prepare">Runs first on the thread: scheduling class, namespaces.</param>
    /// <param name="everyTurn">Runs once a turn, with the time; says when it wants to run again at the latest.</param>
    /// <param name="onReadable">A descriptor that was given to <see cref="Watch"/> has something, by its key.</param>
    public LeaseThread(OwnershipNode node, IMonotonicClock clock, Action prepare, Func<TimeSpan, TimeSpan> everyTurn, Action<ulong> onReadable)
    {
        _node = node;
        _clock = clock;
        _prepare = prepare;
        _everyTurn = everyTurn;
        _onReadable = onReadable;
        _epoll.Add(_wakeUp.Fd, EpollBits.EPOLLIN, WokenUp);
        _thread = new Thread(Run) { Name = "lease", IsBackground = true, Priority = ThreadPriority.Highest };
    }

    public long DroppedTotal => Interlocked.Read(ref _droppedTotal);

    /// <summary>Before <see cref="Start"/>. <paramref name="key"/> is given to the handler.</summary>
    public SysResult Watch(int fd, ulong key) => _epoll.Add(fd, EpollBits.EPOLLIN, FirstFrames + key);

    public void Start() => _thread.Start();

    /// <summary>Lets something happen on the thread. False: too much waits already, or it has ended.</summary>
    public bool Post(Action action)
    {
        if (_stopping || _waiting.Count >= WaitingMax)
        {
            Interlocked.Increment(ref _droppedTotal);
            return false;
        }
        _waiting.Enqueue(action);
        _wakeUp.Signal();
        return true;
    }

    /// <summary>What must happen on the thread, however much waits: such things are few.</summary>
    public void Insist(Action action)
    {
        _waiting.Enqueue(action);
        _wakeUp.Signal();
    }

    /// <summary>Never dropped: the protocol stands on views.</summary>
    public void ViewChanged(ClusterView view) => Insist(() => _node.ViewChanged(view));

    public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
    {
        byte[] copy = body.ToArray();
        Post(() => _node.MessageArrived(sender, copy));
    }

    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }
        _stopping = true;
        _wakeUp.Signal();
        if (_thread.IsAlive)
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
            _prepare();
            _node.Start();
            TimeSpan due = _clock.Now;
            while (!_stopping)
            {
                due = Turn(due);
            }
        }
        catch (Exception broken)
        {
            // The kernel drops the lease by itself; the guard tells the peer at once.
            Environment.FailFast("the lease thread is broken", broken);
        }
    }

    private TimeSpan Turn(TimeSpan due)
    {
        SysResult waited = _epoll.Wait(_events, WaitMs(due));
        for (int i = 0; i < waited.Count; i++)
        {
            if (_events[i].Data == WokenUp)
            {
                _wakeUp.Clear();
            }
            else
            {
                _onReadable(_events[i].Data - FirstFrames);
            }
        }
        // Received messages are handled before each renewal: hearing the peer ends solo service.
        while (_waiting.TryDequeue(out Action? action))
        {
            action();
        }
        TimeSpan another = _everyTurn(_clock.Now);
        TimeSpan next = _node.Tick();
        return another < next ? another : next;
    }

    private int WaitMs(TimeSpan due)
    {
        if (due == TimeSpan.MaxValue)
        {
            return 1000;
        }
        double ms = Math.Ceiling((due - _clock.Now).TotalMilliseconds);
        return (int)Math.Clamp(ms, 0, 1000);
    }
}
