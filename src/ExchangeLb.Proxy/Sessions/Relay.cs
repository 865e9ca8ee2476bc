using System;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>What a turn of pumping came to.</summary>
internal enum PumpOutcome
{
    /// <summary>Nothing more can be done until an event comes.</summary>
    Waiting,

    /// <summary>There is more to do, but other sessions have their turn first.</summary>
    Again,

    /// <summary>The source's connection failed; what it sent before may still be held.</summary>
    SourceFailed,

    /// <summary>The sink's connection failed; what was held for it is thrown away.</summary>
    SinkFailed,
}

/// <summary>
/// Moves the bytes of one direction: (1) what is held goes to the sink first; (2) the end of the stream is passed on by the
/// caller once nothing is held; (3) then the source is read, by copying while reads are small, through a pipe once two reads in
/// a row filled the buffer or the sink could not take all. Bounded a turn, so that one stream cannot starve the others. One
/// instance a loop; owner: its thread.
/// </summary>
internal sealed class Relay(PipePool pipes)
{
    /// <summary>Bytes read at once while copying.</summary>
    public const int BufferSize = 64 * 1024;

    /// <summary>Bytes taken from a client before its server is connected.</summary>
    public const int ReadAheadLimit = 16 * 1024;

    /// <summary>Reads (or pipe fills) a turn.</summary>
    private const int StepsPerTurn = 16;

    /// <summary>Full reads in a row after which a stream is taken for bulk.</summary>
    private const int FullReadsBeforeBulk = 2;

    /// <summary>A fill smaller than this counts towards going back to copying.</summary>
    private const int SmallFill = 16 * 1024;

    /// <summary>Small fills in a row after which a stream is no longer taken for bulk.</summary>
    private const int SmallFillsBeforeCopy = 8;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    /// <summary>Pumps until nothing more can be done or the turn is over. The byte counters in the flow tell what moved.</summary>
    public PumpOutcome Pump(ref Flow flow, int source, int sink)
    {
        for (int step = 0; step < StepsPerTurn; step++)
        {
            // 1. What is held goes first.
            if (flow.HoldsBytes)
            {
                PumpOutcome held = SendHeld(ref flow, sink);
                if (held != PumpOutcome.Again)
                {
                    return held;
                }
            }

            // 2. The end: nothing more to read.
            if (flow.SourceEnded || !flow.SourceReady)
            {
                GiveBackPipe(ref flow);
                return PumpOutcome.Waiting;
            }

            // 3. New bytes.
            PumpOutcome moved = flow.Bulk ? Splice(ref flow, source) : Copy(ref flow, source, sink);
            if (moved != PumpOutcome.Again)
            {
                return moved;
            }
        }
        return PumpOutcome.Again;
    }

    /// <summary>Takes what a client sent before its server is connected; at most one buffer, and only when none is held.</summary>
    public static PumpOutcome ReadAhead(ref Flow flow, int source)
    {
        if (!flow.SourceReady || flow.SourceEnded || flow.Pending is not null)
        {
            return PumpOutcome.Waiting;
        }
        byte[] buffer = Flow.Take(ReadAheadLimit);
        SysResult read = TcpSocket.Receive(source, buffer.AsSpan(0, ReadAheadLimit));
        if (read.Value > 0)
        {
            flow.Pending = buffer;
            flow.PendingStart = 0;
            flow.PendingEnd = read.Count;
            flow.Received += read.Count;
            NoteShortRead(ref flow, read.Count, ReadAheadLimit);
            return PumpOutcome.Waiting;
        }
        Flow.GiveBack(buffer);
        return NoReadBytes(ref flow, read);
    }

    /// <summary>
    /// Sends what is held right after connect, when the connection may be made already (it is, on a fast network with a server
    /// that answers at once). EAGAIN: not yet. Another error: the connection failed, and the bytes stay held for the next server.
    /// </summary>
    public static SysResult SendEarly(ref Flow flow, int sink)
    {
        ReadOnlySpan<byte> held = flow.Pending.AsSpan(flow.PendingStart, flow.PendingEnd - flow.PendingStart);
        SysResult sent = TcpSocket.Send(sink, held, more: false);
        if (sent.Failed)
        {
            return sent;
        }
        flow.Passed += sent.Count;
        flow.PendingStart += sent.Count;
        flow.SinkReady = flow.PendingStart == flow.PendingEnd;
        if (flow.SinkReady)
        {
            Flow.GiveBack(flow.Pending!);
            flow.Pending = null;
        }
        return sent;
    }

    /// <summary>Gives back what the flow holds on to. Bytes still held are lost.</summary>
    public void Drop(ref Flow flow)
    {
        ReturnPending(ref flow);
        if (flow.Pipe is { } pipe)
        {
            flow.Pipe = null;
            pipes.Return(pipe);
        }
    }

    /// <summary>What is in hand is wanted no more.</summary>
    public static void ReturnPending(ref Flow flow)
    {
        if (flow.Pending is { } pending)
        {
            flow.Pending = null;
            Flow.GiveBack(pending);
        }
    }

    /// <summary>Throws away what is held for a sink that failed, and reads on only to find the source's end.</summary>
    private PumpOutcome FailSink(ref Flow flow)
    {
        Drop(ref flow);
        flow.SinkFailed = true;
        flow.SinkReady = false;
        return PumpOutcome.SinkFailed;
    }

    private PumpOutcome SendHeld(ref Flow flow, int sink)
    {
        if (!flow.SinkReady)
        {
            return PumpOutcome.Waiting;
        }
        return flow.Pending is not null ? SendPending(ref flow, sink) : DrainPipe(ref flow, sink);
    }

    private PumpOutcome SendPending(ref Flow flow, int sink)
    {
        ReadOnlySpan<byte> rest = flow.Pending.AsSpan(flow.PendingStart, flow.PendingEnd - flow.PendingStart);
        SysResult sent = TcpSocket.Send(sink, rest, more: flow.SourceEnded);
        if (sent.Failed)
        {
            return NotSent(ref flow, sent);
        }
        flow.Passed += sent.Count;
        flow.PendingStart += sent.Count;
        if (flow.PendingStart < flow.PendingEnd)
        {
            flow.SinkReady = false;
            return PumpOutcome.Waiting;
        }
        Flow.GiveBack(flow.Pending!);
        flow.Pending = null;
        return PumpOutcome.Again;
    }

    private PumpOutcome DrainPipe(ref Flow flow, int sink)
    {
        SysResult moved = flow.Pipe!.Drain(sink, more: false);
        if (moved.Value <= 0)
        {
            return NotSent(ref flow, moved);
        }
        flow.Passed += moved.Value;
        if (flow.Pipe.Held > 0)
        {
            flow.SinkReady = false;
            return PumpOutcome.Waiting;
        }
        return PumpOutcome.Again;
    }

    private PumpOutcome NotSent(ref Flow flow, SysResult result)
    {
        if (result.WouldBlock)
        {
            flow.SinkReady = false;
            return PumpOutcome.Waiting;
        }
        return result.Error == Errno.EINTR ? PumpOutcome.Again : FailSink(ref flow);
    }

    private PumpOutcome Copy(ref Flow flow, int source, int sink)
    {
        SysResult read = TcpSocket.Receive(source, _buffer);
        if (read.Value <= 0)
        {
            return NoReadBytes(ref flow, read);
        }
        int count = read.Count;
        flow.Received += count;
        NoteShortRead(ref flow, count, BufferSize);
        flow.Streak = count == BufferSize ? (byte)(flow.Streak + 1) : (byte)0;
        if (flow.Streak >= FullReadsBeforeBulk)
        {
            StartBulk(ref flow);
        }
        if (flow.SinkFailed)
        {
            return PumpOutcome.Again;   // read only to find the end
        }
        int taken = 0;
        if (flow.SinkReady)
        {
            // The end is known to follow: both leave in one segment.
            SysResult sent = TcpSocket.Send(sink, _buffer.AsSpan(0, count), more: flow.SourceEnded);
            if (sent.Failed && !sent.WouldBlock)
            {
                return FailSink(ref flow);
            }
            taken = Math.Max(0, sent.Count);
            flow.Passed += taken;
        }
        if (taken == count)
        {
            return PumpOutcome.Again;
        }
        Hold(ref flow, taken, count);
        return PumpOutcome.Waiting;
    }

    /// <summary>Keeps what the sink did not take. Back-pressure is the mark of a stream that is worth a pipe.</summary>
    private void Hold(ref Flow flow, int from, int to)
    {
        byte[] pending = Flow.Take(to - from);
        _buffer.AsSpan(from, to - from).CopyTo(pending);
        flow.Pending = pending;
        flow.PendingStart = 0;
        flow.PendingEnd = to - from;
        flow.SinkReady = false;
        StartBulk(ref flow);
    }

    private static void StartBulk(ref Flow flow)
    {
        flow.Bulk = !flow.ShortReadsMislead;
        flow.Streak = 0;
    }

    private PumpOutcome Splice(ref Flow flow, int source)
    {
        if (flow.SinkFailed || (flow.Pipe ??= pipes.Rent()) is not { } pipe)
        {
            flow.Bulk = false;      // no pipe to be had: copy, and try again when the stream proves bulk again
            return PumpOutcome.Again;
        }
        SysResult filled = pipe.Fill(source);
        if (filled.Value <= 0)
        {
            // 0 is the end, or urgent data with the end behind it: recv can tell.
            bool copy = filled.Value == 0 || filled.Error == Errno.EINVAL;
            PumpOutcome outcome = copy ? LeaveBulk(ref flow) : NoReadBytes(ref flow, filled);
            GiveBackPipe(ref flow);
            return outcome;
        }
        flow.Received += filled.Value;
        flow.Streak = filled.Value < SmallFill ? (byte)(flow.Streak + 1) : (byte)0;
        if (flow.Streak >= SmallFillsBeforeCopy)
        {
            LeaveBulk(ref flow);
        }
        return PumpOutcome.Again;   // the next step drains it
    }

    private static PumpOutcome LeaveBulk(ref Flow flow)
    {
        flow.Bulk = false;
        flow.Streak = 0;
        return PumpOutcome.Again;
    }

    private void GiveBackPipe(ref Flow flow)
    {
        if (flow.Pipe is { Held: 0 } pipe)
        {
            flow.Pipe = null;
            pipes.Return(pipe);
        }
    }

    /// <summary>
    /// A read that did not fill the buffer has drained the source (epoll(7), Q9), and what comes later raises a new event. If
    /// the source had sent FIN by then, that was the end and needs no further read.
    /// </summary>
    private static void NoteShortRead(ref Flow flow, int count, int room)
    {
        if (count < room && !flow.ShortReadsMislead)
        {
            flow.SourceReady = false;
            flow.SourceEnded = flow.SourceHalfClosed;
        }
    }

    private static PumpOutcome NoReadBytes(ref Flow flow, SysResult read)
    {
        if (read.Ok)
        {
            flow.SourceEnded = true;
            flow.SourceReady = false;
            return PumpOutcome.Again;   // pass the end on
        }
        if (read.WouldBlock)
        {
            flow.SourceReady = false;
            return PumpOutcome.Waiting;
        }
        if (read.Error == Errno.EINTR)
        {
            return PumpOutcome.Again;
        }
        flow.SourceEnded = true;
        flow.SourceReady = false;
        return PumpOutcome.SourceFailed;
    }
}
