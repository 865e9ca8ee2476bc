using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Streams;

/// <summary>What is sent to one other node, past the engine.</summary>
public interface INodeStreams
{
    /// <summary>The number of the open stream to a node, which no other one of this process has; 0: there is none. Any thread.</summary>
    int StreamTo(NodeId node);

    /// <summary>There is none yet, to a node that has come a moment ago, and nothing is known that would stand in its way. Any thread.</summary>
    bool IsComing(NodeId node);

    /// <param name="stream">As <see cref="StreamTo"/> told: another one may have taken its place, and then nothing is sent.</param>
    /// <param name="payload">64 KiB at most.</param>
    /// <returns>False: there is no such stream any more, or too much waits already. Any thread; never waits.</returns>
    bool Send(NodeId node, int stream, ReadOnlySpan<byte> payload);

    /// <summary>What is on its way has clients waiting.</summary>
    /// <param name="priority">Of real-time threads, 1..99; 0: no more.</param>
    void Hurry(int priority);
}
