using System;
using System.Collections.Concurrent;
using System.Threading;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Clustering;

/// <summary>A thread of its own for a part that is all pure decisions: what the part hears is done on it in order, then the part's turn, until the next one is due.</summary>
/// <param name="turn">After each batch of actions, and when due; given the time, says when it wants to come next.</param>
internal sealed class ActionThread(string name, IMonotonicClock clock, Func<TimeSpan, TimeSpan> turn) : IDisposable
{
    private readonly ConcurrentQueue<Action> _waiting = new();
    private readonly AutoResetEvent _wakeUp = new(false);
    private Thread? _thread;
    private volatile bool _stopping;

    public bool IsStopping => _stopping;

    public void Start()
    {
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Any thread; never waits.</summary>
    public void Post(Action action)
    {
        _waiting.Enqueue(action);
        if (!_stopping)
        {
            _wakeUp.Set();
        }
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
        // The event is left to the collector: the lease thread or a loop may be about to set it.
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                while (_waiting.TryDequeue(out Action? action))
                {
                    action();
                }
                TimeSpan wait = turn(clock.Now) - clock.Now;
                _wakeUp.WaitOne((int)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, 1000));
            }
        }
        catch (Exception broken)
        {
            Environment.FailFast($"the {name} thread is broken", broken);
        }
    }
}
