using System;

namespace ExchangeLb.Linux.Repair;

/// <summary>What was agreed in a connection's handshake, and which of its ends have been said. Part of the encoding: bits are only added.</summary>
[Flags]
public enum TcpTraits : ushort
{
    None = 0,
    Timestamps = 1,

    /// <summary>The timestamps count microseconds (a route's feature tcp_usec_ts, Linux 6.7), not milliseconds.</summary>
    MicrosecondTimestamps = 1 << 1,
    SelectiveAck = 1 << 2,

    /// <summary>Our end of stream is written, behind the unsent bytes, but was not sent.</summary>
    EndQueued = 1 << 3,

    /// <summary>Our FIN was sent and is not acknowledged. It has the last sequence number of what is unacknowledged.</summary>
    EndSent = 1 << 4,

    /// <summary>Our FIN was sent and acknowledged.</summary>
    EndAcknowledged = 1 << 5,

    /// <summary>The other side's FIN was received; rcv_nxt stands behind it.</summary>
    PeerEnded = 1 << 6,
    KeepAlive = 1 << 7,
    NoDelay = 1 << 8,
}
