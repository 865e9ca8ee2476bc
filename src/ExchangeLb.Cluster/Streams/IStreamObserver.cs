using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Streams;

/// <summary>Who hears of streams between nodes.</summary>
public interface IStreamObserver
{
    /// <summary>One message, whole. On the stream's own thread, in the order of its sender, whom a wait holds back.</summary>
    void Arrived(NodeId from, ReadOnlySpan<byte> payload);

    /// <summary>A stream to this node is open, in place of another one perhaps: what was on its way on that is lost. Any thread.</summary>
    void Opened(NodeId node);

    /// <summary>A stream has ended, and what was on its way on it is lost; another one is being opened. Any thread.</summary>
    void Ended(NodeId node, string reason);

    /// <summary>For some seconds none could be opened; it is tried on. At each attempt. Any thread.</summary>
    void Failed(NodeId node, string problem);
}
