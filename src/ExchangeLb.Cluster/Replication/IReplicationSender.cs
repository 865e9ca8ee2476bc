using System;

namespace ExchangeLb.Cluster.Replication;

/// <summary>Takes replication's messages to all members.</summary>
public interface IReplicationSender
{
    /// <param name="body">At most <see cref="Replicator.BodyMaxBytes"/>; valid during this call only.</param>
    /// <returns>
    /// False: it was not sent, and will not be (the engine's queue is full, or there is no engine now). True: it was, or will be in a moment, unless there is no engine any more then; peers find
    /// it missing. Never waits.
    /// </returns>
    bool Send(ReadOnlySpan<byte> body);
}
