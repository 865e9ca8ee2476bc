using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Repair;

/// <summary>States of a socket (include/net/tcp_states.h).</summary>
internal enum TcpState : byte
{
    None = 0,
    ESTABLISHED = 1,
    SYN_SENT = 2,
    SYN_RECV = 3,
    FIN_WAIT1 = 4,
    FIN_WAIT2 = 5,
    TIME_WAIT = 6,
    CLOSE = 7,
    CLOSE_WAIT = 8,
    LAST_ACK = 9,
    LISTEN = 10,
    CLOSING = 11,
}

/// <summary>What is used of struct tcp_info (linux/tcp.h), whose first 104 bytes every kernel has.</summary>
/// <param name="Options">Bits TCPI_OPT_*.</param>
/// <param name="SegmentBytes">tcpi_snd_mss: what a segment carries now.</param>
/// <param name="CongestionWindow">tcpi_snd_cwnd, in segments.</param>
internal readonly record struct TcpFacts(TcpState State, byte Options, byte SendScale, byte ReceiveScale, uint SegmentBytes, uint CongestionWindow)
{
    internal const int Length = 104;
    private const byte TCPI_OPT_TIMESTAMPS = 1;
    private const byte TCPI_OPT_SACK = 2;
    private const byte TCPI_OPT_WSCALE = 4;
    private const byte TCPI_OPT_USEC_TS = 64;

    internal bool Timestamps => (Options & TCPI_OPT_TIMESTAMPS) != 0;

    internal bool SelectiveAck => (Options & TCPI_OPT_SACK) != 0;

    internal bool MicrosecondTimestamps => (Options & TCPI_OPT_USEC_TS) != 0;

    internal static TcpFacts Read(ReadOnlySpan<byte> info)
    {
        bool scaled = (info[5] & TCPI_OPT_WSCALE) != 0;
        return new TcpFacts(
            (TcpState)info[0],
            info[5],
            scaled ? (byte)(info[6] & 0xF) : (byte)0,
            scaled ? (byte)(info[6] >> 4) : (byte)0,
            MemoryMarshal.Read<uint>(info[16..]),
            MemoryMarshal.Read<uint>(info[80..]));
    }
}
