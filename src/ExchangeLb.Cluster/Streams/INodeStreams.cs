using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Streams;

/// <summary>What is sent to one other node, past the engine.</summary>
public interface INodeStreams
{
    /// <summary>Any thread.</summary>
    bool IsOpen(NodeId node);

    /// <param name="payload">64 KiB at most.</param>
    /// <returns>False: there is no stream, or too much waits already. Any thread; never waits.</returns>
    bool Send(NodeId node, ReadOnlySpan<byte> payload);

    /// <summary>What is on its way has clients waiting.</summary>
    /// <param name="priority">Of real-time threads, 1..99; 0: no more.</param>
    void Hurry(int priority);
}
