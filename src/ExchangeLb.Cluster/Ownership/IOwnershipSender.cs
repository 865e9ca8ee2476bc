using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>Takes the protocol's messages to all members.</summary>
public interface IOwnershipSender
{
    /// <summary>False: it was not sent (the engine's queue is full, or there is no engine now). Never waits.</summary>
    bool Send(ReadOnlySpan<byte> body);
}
