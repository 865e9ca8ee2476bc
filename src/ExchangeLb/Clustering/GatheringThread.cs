using System;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Clustering;

/// <summary>The thread on which small messages leave that waited for others: see <see cref="GatheredSender"/>.</summary>
internal sealed class GatheringThread : IDisposable
{
    /// <summary>So often what the engine does not take at the end is offered again, a millisecond later.</summary>
    private const int LastTries = 20;

    private readonly ActionThread _thread;

    public GatheringThread(IClusterEngine engine, IMonotonicClock clock)
    {
        Sender = new GatheredSender(engine, clock, Wake);
        _thread = new ActionThread("gathering", clock, Sender.Tick);
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

    private void Wake() => _thread.Post(static () => { });
}
