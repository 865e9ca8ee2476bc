namespace ExchangeLb.Cluster.Engine;

/// <summary>Since start. <see cref="ReceivedTotal"/> counts what was handed to the observer.</summary>
public readonly record struct EngineCounters(long SentTotal, long RefusedTotal, long ReceivedTotal, long ViewsTotal);
