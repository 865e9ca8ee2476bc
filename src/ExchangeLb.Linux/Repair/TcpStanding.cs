using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Repair;

/// <summary>
/// How far a connection has got, by counters of its socket that only rise: two that are equal say that nothing that counts has come or gone in between, not
/// even an end of stream. Only ever compared with one of the same socket: a restored one counts anew.
/// </summary>
public readonly record struct TcpStanding
{
    internal const int Length = 232;

    private readonly ulong _acknowledged, _received, _sent;
    private readonly uint _unacked, _unsent, _window;
    private readonly byte _state;

    private TcpStanding(ReadOnlySpan<byte> info)
    {
        _state = info[0];
        _unacked = MemoryMarshal.Read<uint>(info[24..]);
        _acknowledged = MemoryMarshal.Read<ulong>(info[120..]);
        _received = MemoryMarshal.Read<ulong>(info[128..]);
        _unsent = MemoryMarshal.Read<uint>(info[144..]);
        _sent = MemoryMarshal.Read<ulong>(info[200..]);
        _window = MemoryMarshal.Read<uint>(info[228..]);
    }

    /// <summary>Established both ways, and nothing sent or written waits for anything.</summary>
    public bool IsQuiet => _state == (byte)TcpState.ESTABLISHED && (_unacked | _unsent) == 0;

    /// <param name="info">struct tcp_info (linux/tcp.h) up to tcpi_snd_wnd.</param>
    internal static TcpStanding Read(ReadOnlySpan<byte> info) => new(info);
}
