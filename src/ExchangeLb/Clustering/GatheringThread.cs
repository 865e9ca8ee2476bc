using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;

namespace ExchangeLb.Clustering;

/// <summary>The thread on which small messages leave that waited for others: see <see cref="GatheredSender"/>.</summary>
internal sealed class GatheringThread : IDisposable
{
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
        Sender.Flush();
    }

    private void Wake() => _thread.Post(static () => { });
}
