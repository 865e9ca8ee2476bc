using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Streams;

/// <summary>Who hears of streams between nodes.</summary>
public interface IStreamObserver
{
    /// <summary>One message, whole. On the stream's own thread, in the order of its sender; as long as it takes, its sender is held back.</summary>
    void Arrived(NodeId from, ReadOnlySpan<byte> payload);

    /// <summary>A stream was opened (null), or there is none for this reason. Messages on their way when one ends are lost. Any thread.</summary>
    void Changed(NodeId node, string? problem);
}
