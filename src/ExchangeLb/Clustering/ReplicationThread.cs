using System;
using System.Collections.Concurrent;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Replication;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>The thread that keeps stick tables and orders about servers equal: all that <see cref="Replicator"/> hears and does happens on it.</summary>
internal sealed class ReplicationThread : IMailReceiver, IDisposable
{
    /// <summary>Messages that may wait. One that is dropped leaves a gap, and a gap is taught anew.</summary>
    private const int WaitingMax = 4096;

    private readonly ConcurrentQueue<(NodeId Sender, byte[] Body)> _messages = new();
    private readonly AutoResetEvent _wakeUp = new(false);
    private readonly Replicator _replicator;
    private readonly IMonotonicClock _clock;
    private Thread? _thread;
    private ClusterView? _view;
    private long _droppedTotal;
    private volatile bool _stopping;

    /// <param name="make">Makes the replicator, given what wakes this thread.</param>
    public ReplicationThread(Func<Action, Replicator> make, IMonotonicClock clock)
    {
        _clock = clock;
        _replicator = make(() => _wakeUp.Set());
    }

    /// <summary>Messages that came while too many waited.</summary>
    public long DroppedTotal => Interlocked.Read(ref _droppedTotal);

    /// <summary>Any thread.</summary>
    public ReplicationSnapshot Snapshot() => _replicator.Snapshot();

    public void Start()
    {
        _thread = new Thread(Run) { Name = "replication", IsBackground = true };
        _thread.Start();
    }

    public void ViewChanged(ClusterView view)
    {
        Volatile.Write(ref _view, view);
        _wakeUp.Set();
    }

    public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
    {
        if (_messages.Count >= WaitingMax)
        {
            Interlocked.Increment(ref _droppedTotal);
            return;
        }
        _messages.Enqueue((sender, body.ToArray()));
        _wakeUp.Set();
    }

    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }
        _stopping = true;
        _wakeUp.Set();
        _thread?.Join();
        _wakeUp.Dispose();
    }

    private void Run()
    {
        try
        {
            ClusterView? known = null;
            while (!_stopping)
            {
                ClusterView? view = Volatile.Read(ref _view);
                if (view is not null && !ReferenceEquals(view, known))
                {
                    known = view;
                    _replicator.ViewChanged(view);
                }
                while (_messages.TryDequeue(out (NodeId Sender, byte[] Body) message))
                {
                    _replicator.MessageArrived(message.Sender, message.Body);
                }
                TimeSpan wait = _replicator.Tick() - _clock.Now;
                _wakeUp.WaitOne((int)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, 1000));
            }
        }
        catch (Exception broken)
        {
            Environment.FailFast("the replication thread is broken", broken);
        }
    }
}
