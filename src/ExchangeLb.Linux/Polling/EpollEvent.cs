using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Polling;

/// <summary>Event bits (epoll_ctl(2)).</summary>
[Flags]
public enum EpollBits : uint
{
    None = 0,
    EPOLLIN = 0x1,
    EPOLLPRI = 0x2,
    EPOLLOUT = 0x4,
    EPOLLERR = 0x8,
    EPOLLHUP = 0x10,
    EPOLLRDHUP = 0x2000,
    EPOLLEXCLUSIVE = 1u << 28,
    EPOLLET = 1u << 31,
}

/// <summary>struct epoll_event: packed on x86-64 only (sys/epoll.h, EPOLL_PACKED).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct EpollEvent
{
    public EpollBits Bits;

    /// <summary>Whatever was given when the descriptor was added.</summary>
    public ulong Data;
}
