using System;
using System.Buffers;
using ExchangeLb.Linux.Pipes;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// One direction of a session: what is known of its source and its sink, and the bytes between them. Readiness is remembered
/// from edge-triggered events until a call says otherwise.
/// </summary>
internal struct Flow
{
    /// <summary>The source may have bytes, or its end.</summary>
    public bool SourceReady;

    /// <summary>The source has sent FIN; what it sent before may still be unread.</summary>
    public bool SourceHalfClosed;

    /// <summary>The end of the stream (or its error) was read: nothing more comes.</summary>
    public bool SourceEnded;

    /// <summary>The sink may take bytes.</summary>
    public bool SinkReady;

    /// <summary>Our direction towards the sink is shut down.</summary>
    public bool SinkShut;

    /// <summary>The sink failed: whatever comes is thrown away.</summary>
    public bool SinkFailed;

    /// <summary>
    /// A short read does not prove that the source is drained: urgent data was seen (recv and splice stop at the mark; tcp(7)), or an
    /// error waits behind the bytes.
    /// </summary>
    public bool ShortReadsMislead;

    /// <summary>Bytes go through a pipe.</summary>
    public bool Bulk;

    /// <summary>Full reads in a row (towards bulk), or small fills in a row (back from it).</summary>
    public byte Streak;

    /// <summary>Bytes that were read and not yet taken by the sink: an array of <see cref="Take"/>, null when there are none.</summary>
    public byte[]? Pending;
    public int PendingStart;
    public int PendingEnd;

    /// <summary>Held while bulk.</summary>
    public SplicePipe? Pipe;

    /// <summary>When the sink last took bytes, or began to owe that; loop clock in ms.</summary>
    public long TakenMs;

    /// <summary>Bytes that the sink took.</summary>
    public long Passed;

    /// <summary>Bytes that were read from the source.</summary>
    public long Received;

    /// <summary>Larger arrays are the collector's: the pool would keep one for each session that came with as much in hand.</summary>
    private const int PooledMax = 1 << 20;

    /// <summary>For <see cref="Pending"/>.</summary>
    public static byte[] Take(int length) => length > PooledMax ? GC.AllocateUninitializedArray<byte>(length) : ArrayPool<byte>.Shared.Rent(length);

    public static void GiveBack(byte[] pending)
    {
        if (pending.Length <= PooledMax)
        {
            ArrayPool<byte>.Shared.Return(pending);
        }
    }

    public readonly bool HoldsBytes => Pending is not null || Pipe is { Held: > 0 };

    public readonly int BytesHeld => (Pending is null ? 0 : PendingEnd - PendingStart) + (Pipe?.Held ?? 0);

    /// <summary>All that came is passed on, and that was all.</summary>
    public readonly bool Finished => SourceEnded && (SinkFailed || !HoldsBytes);
}
