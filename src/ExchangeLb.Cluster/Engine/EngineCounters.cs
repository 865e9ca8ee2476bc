namespace ExchangeLb.Cluster.Engine;

/// <summary>Since start. <see cref="ReceivedTotal"/> counts what was handed to the observer.</summary>
public readonly record struct EngineCounters(long SentTotal, long RefusedTotal, long ReceivedTotal, long ViewsTotal)
{
    /// <summary>Messages that were not handed on: their sender is no node of the cluster, or not in the view.</summary>
    public long RejectedTotal { get; init; }

    /// <summary>Times that the connection to what carries the messages was lost.</summary>
    public long RestartsTotal { get; init; }
}
