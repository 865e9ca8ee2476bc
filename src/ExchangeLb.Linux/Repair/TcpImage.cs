using System;
using ExchangeLb.Linux.Sockets;

namespace ExchangeLb.Linux.Repair;

/// <summary>
/// One established TCP connection as its socket had it, enough to go on with it in another socket, here or on another host (tcp(7) has no
/// word on TCP_REPAIR; linux/tcp.h and net/ipv4/tcp.c do). A proxied connection has two. Immutable but for its buffers, which belong to
/// whoever has the image.
/// </summary>
/// <remarks>Not carried: congestion state, ECN, segments out of order (the sender repeats them), and what of the other side's timestamps was seen.</remarks>
public sealed record TcpImage
{
    public required SockAddress Local { get; init; }

    public required SockAddress Remote { get; init; }

    public required TcpTraits Traits { get; init; }

    /// <summary>snd_una: the sequence number of the first byte (or FIN) that the other side has not acknowledged.</summary>
    public required uint SendUnacked { get; init; }

    /// <summary>rcv_nxt: the sequence number that the other side sends next.</summary>
    public required uint ReceiveNext { get; init; }

    /// <summary>The MSS of the handshake (mss_clamp), without options.</summary>
    public required ushort MaxSegment { get; init; }

    /// <summary>Shift of the windows that the other side offers, 0..14; 0 also without window scaling.</summary>
    public required byte SendScale { get; init; }

    /// <summary>Shift of the windows that we offer.</summary>
    public required byte ReceiveScale { get; init; }

    public required RepairWindow Window { get; init; }

    /// <summary>Our TSval at <see cref="TakenAt"/>.</summary>
    public required uint Timestamp { get; init; }

    public required ImageClock TakenAt { get; init; }

    /// <summary>With <see cref="TcpTraits.KeepAlive"/>.</summary>
    public required TcpKeepAlive KeepAlive { get; init; }

    /// <summary>Received and acknowledged, but not read: the owner's to handle before all that the new socket receives.</summary>
    public byte[] Received { get; init; } = [];

    /// <summary>Sent from <see cref="SendUnacked"/> on, and not acknowledged.</summary>
    public byte[] Unacked { get; init; } = [];

    /// <summary>Written to the socket, but never sent: the owner's to write to the new one first.</summary>
    public byte[] Unsent { get; init; } = [];

    public TcpImage WithoutBytes() => this with { Received = [], Unacked = [], Unsent = [] };

    public bool Has(TcpTraits traits) => (Traits & traits) == traits;

    /// <summary>
    /// The TSval to go on with: never behind one that was sent, as the other side drops everything behind what it has seen, silently (PAWS,
    /// RFC 7323, 5.3). Nor ahead where something is unacknowledged: what its acknowledgement echoes is taken for a round trip that is longer by as much, and the next
    /// loss waits for three times that.
    /// </summary>
    /// <param name="margin">For the time that the image was on its way, which no clock has counted, if the connection went on meanwhile; else none.</param>
    public uint TimestampAt(ImageClock now, TimeSpan margin) => TimestampAfter(TakenAt.AgeAt(now) + margin);

    /// <summary>A TSval that was certainly not sent earlier than so long after the image was taken.</summary>
    /// <param name="elapsed">Not negative.</param>
    public uint TimestampAfter(TimeSpan elapsed) => Has(TcpTraits.MicrosecondTimestamps)
        ? unchecked(Timestamp + (uint)(elapsed.Ticks / TimeSpan.TicksPerMicrosecond) + 2) | 1u
        // From Linux 6.7 on bit 0 of TCP_TIMESTAMP says "microseconds". The kernel clears it where it reads (so one more may have been sent): here it is rounded up.
        : unchecked(Timestamp + (uint)Math.Ceiling(elapsed.TotalMilliseconds) + 2) & ~1u;
}
