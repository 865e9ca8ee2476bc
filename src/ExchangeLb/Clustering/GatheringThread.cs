using System;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Linux.Clocks;

namespace ExchangeLb.Clustering;

/// <summary>The thread on which small messages leave that waited for others: see <see cref="GatheredSender"/>.</summary>
internal sealed class GatheringThread : IDisposable
{
    /// <summary>Above loops in haste: on a busy host the bound that records have depends on it.</summary>
    private const int RealTimePriority = 30;

    /// <summary>So often what the engine does not take at the end is offered again, a millisecond later.</summary>
    private const int LastTries = 20;

    private readonly ActionThread _thread;
    private bool _hasAsked;

    public GatheringThread(IClusterEngine engine, IMonotonicClock clock)
    {
        Sender = new GatheredSender(engine, clock, Wake);
        _thread = new ActionThread("gathering", clock, Turn);
    }

    public GatheredSender Sender { get; }

    public void Start() => _thread.Start();

    /// <summary>What waits is sent. Before the engine leaves.</summary>
    public void Dispose()
    {
        _thread.Dispose();
        for (int tries = 0; tries < LastTries && !Sender.TryEnd(); tries++)
        {
            Thread.Sleep(1);
        }
    }

    private TimeSpan Turn(TimeSpan now)
    {
        if (!_hasAsked)
        {
            _hasAsked = true;
            _ = RealTime.RequestRoundRobin(RealTimePriority);       // refused: the lease thread, which asks for more, says so at the start
        }
        return Sender.Tick(now);
    }

    private void Wake() => _thread.Post(static () => { });
}
