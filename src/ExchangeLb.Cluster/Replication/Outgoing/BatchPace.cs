using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Replication.Knowing;

namespace ExchangeLb.Cluster.Replication.Outgoing;

/// <summary>When batches leave: full ones at once, others after a moment, and none while peers are too far behind.</summary>
internal sealed class BatchPace(Outbox outbox, UpdateQueue queue, IReadOnlyDictionary<NodeId, Peer> peers)
{
    /// <summary>Between two batches, unless one is full.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    /// <summary>Batches that a peer may have before it without having acknowledged them; one that is silent for long is not waited for.</summary>
    private const int WindowBatches = 64;
    private const int BatchesAtOnce = 16;

    /// <summary>Updates that fill a batch, or nearly.</summary>
    private const int FullBatch = 400;

    private TimeSpan _next;

    /// <returns>When something is due next.</returns>
    public TimeSpan Flush(TimeSpan now)
    {
        if (now < _next && outbox.Waiting < FullBatch)
        {
            return _next;
        }
        _next = now + Interval;
        for (int i = 0; i < BatchesAtOnce; i++)
        {
            FlushResult result = IsWindowFull(now) ? FlushResult.Refused : outbox.Flush(now);
            if (result != FlushResult.Sent)
            {
                bool parked = result == FlushResult.Empty && queue.Park();
                return parked ? TimeSpan.MaxValue : _next;
            }
        }
        return now;
    }

    private bool IsWindowFull(TimeSpan now)
    {
        foreach (Peer peer in peers.Values)
        {
            if (peer.SpokeAt > now - KnowledgeVoice.Interval && peer.Heard + WindowBatches < outbox.Number)
            {
                return true;
            }
        }
        return false;
    }
}
