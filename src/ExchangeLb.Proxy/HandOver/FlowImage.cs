using System;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>One direction of a session on its way to another node: how far it got, and the bytes in the session's own hands.</summary>
internal sealed record FlowImage
{
    public FlowTraits Traits { get; init; }

    /// <summary>Bytes read from the source.</summary>
    public long Received { get; init; }

    /// <summary>Bytes written to the sink's socket.</summary>
    public long Passed { get; init; }

    /// <summary>Milliseconds since the sink last took bytes.</summary>
    public long TakenAgoMs { get; init; }

    /// <summary>Read and not yet written, from buffer or pipe.</summary>
    public byte[] Held { get; init; } = [];

    /// <param name="flow">Holds no bytes in a pipe.</param>
    public static FlowImage Of(in Flow flow, long nowMs) => new()
    {
        Traits = (flow.SourceEnded ? FlowTraits.SourceEnded : 0) | (flow.SinkShut ? FlowTraits.SinkShut : 0)
            | (flow.SinkFailed ? FlowTraits.SinkFailed : 0) | (flow.Bulk ? FlowTraits.Bulk : 0),
        Received = flow.Received,
        Passed = flow.Passed,
        TakenAgoMs = Math.Max(0, nowMs - flow.TakenMs),
        Held = flow.Pending is { } pending ? pending.AsSpan(flow.PendingStart, flow.PendingEnd - flow.PendingStart).ToArray() : [],
    };

    /// <summary>
    /// The flow to go on with. What the former sockets had in their queues is in the session's hands from now on: first what the sink had not
    /// sent, then what was held, then what the source had received and nobody had read. An end that waited behind unsent bytes is written anew.
    /// </summary>
    /// <param name="source">Null: it is over, and was read to its end.</param>
    /// <param name="sink">Null: it is over, and its end was written.</param>
    /// <param name="sourceHolds">What nobody had read is in the new socket.</param>
    public Flow Restore(TcpImage? source, TcpImage? sink, long nowMs, bool sourceHolds = false)
    {
        byte[] unsent = sink?.Unsent ?? [];
        byte[] unread = sourceHolds ? [] : source?.Received ?? [];
        byte[]? pending = Joined(unsent, unread, out int length);
        return new Flow
        {
            SourceEnded = Has(FlowTraits.SourceEnded) || source is null || source.Has(TcpTraits.PeerEnded),
            SinkShut = sink is null || (Has(FlowTraits.SinkShut) && !sink.Has(TcpTraits.EndQueued)),
            SinkFailed = Has(FlowTraits.SinkFailed),
            Bulk = Has(FlowTraits.Bulk),
            SourceReady = source is not null,
            SinkReady = sink is not null,
            Pending = pending,
            PendingEnd = length,
            TakenMs = nowMs - TakenAgoMs,
            Received = Received + unread.Length,
            Passed = Passed - unsent.Length,
        };
    }

    private bool Has(FlowTraits trait) => (Traits & trait) != 0;

    private byte[]? Joined(byte[] unsent, byte[] unread, out int length)
    {
        length = unsent.Length + Held.Length + unread.Length;
        if (length == 0)
        {
            return null;
        }
        byte[] pending = Flow.Take(length);
        unsent.CopyTo(pending, 0);
        Held.CopyTo(pending, unsent.Length);
        unread.CopyTo(pending, unsent.Length + Held.Length);
        return pending;
    }
}

/// <summary>Part of the encoding: bits are only added.</summary>
[Flags]
internal enum FlowTraits : byte
{
    /// <summary>The end of the stream was read.</summary>
    SourceEnded = 1,

    /// <summary>The end of the stream was written to the sink.</summary>
    SinkShut = 2,

    /// <summary>The sink takes nothing more.</summary>
    SinkFailed = 4,
    Bulk = 8,
}
