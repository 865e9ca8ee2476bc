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

    private readonly ConcurrentQueue<(ClusterView? View, NodeId Sender, byte[] Body)> _mail = new();
    private readonly AutoResetEvent _wakeUp = new(false);
    private readonly Replicator _replicator;
    private readonly IMonotonicClock _clock;
    private Thread? _thread;
    private long _droppedTotal;
    private volatile bool _stopping;

    /// <param name="make">Makes the replicator, given what wakes this thread.</param>
    public ReplicationThread(Func<Action, Replicator> make, IMonotonicClock clock)
    {
        _clock = clock;
        _replicator = make(() => _wakeUp.Set());
    }

    /// <summary>With the messages that came while too many waited. Any thread.</summary>
    public ReplicationSnapshot Snapshot()
    {
        ReplicationSnapshot snapshot = _replicator.Snapshot();
        return snapshot with { DroppedTotal = snapshot.DroppedTotal + Interlocked.Read(ref _droppedTotal) };
    }

    /// <summary>Local writes win over those of earlier owners from now on; never lowered. Any thread.</summary>
    public void SetOwnerEpoch(uint epoch) => _replicator.SetOwnerEpoch(epoch);

    public void Start()
    {
        _thread = new Thread(Run) { Name = "replication", IsBackground = true };
        _thread.Start();
    }

    public void ViewChanged(ClusterView view)
    {
        // In order with the messages: what a node said before it left must be read before it is forgotten. There are few; none is dropped.
        _mail.Enqueue((view, default, []));
        _wakeUp.Set();
    }

    public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
    {
        if (_mail.Count >= WaitingMax)
        {
            Interlocked.Increment(ref _droppedTotal);
            return;
        }
        _mail.Enqueue((null, sender, body.ToArray()));
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
            while (!_stopping)
            {
                while (_mail.TryDequeue(out (ClusterView? View, NodeId Sender, byte[] Body) arrived))
                {
                    if (arrived.View is { } view)
                    {
                        _replicator.ViewChanged(view);
                    }
                    else
                    {
                        _replicator.MessageArrived(arrived.Sender, arrived.Body);
                    }
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
