namespace ExchangeLb.Cluster.Engine;

/// <summary>What became of a broadcast. Everything but <see cref="Accepted"/> counts in <see cref="EngineCounters.RefusedTotal"/>, or in <see cref="GatheredSender.RefusedTotal"/>.</summary>
public enum SendResult
{
    /// <summary>It will reach every member that stays, unless sender or receiver drops out of the view first.</summary>
    Accepted,

    /// <summary>The send queue is full: try again later, or do without.</summary>
    QueueFull,

    /// <summary>More than <see cref="IClusterEngine.PayloadMaxBytes"/>.</summary>
    TooLarge,

    /// <summary>No view yet, or the engine has left.</summary>
    NotJoined,
}
