namespace ExchangeLb.Bench.Kernel;

/// <summary>errno values (errno(3)) that the generator treats as ordinary.</summary>
internal static class Errno
{
    internal const int Interrupted = 4;
    internal const int Again = 11;
    internal const int BrokenPipe = 32;
    internal const int ConnectionReset = 104;
    internal const int ConnectionRefused = 111;
    internal const int InProgress = 115;
}

/// <summary>Flags of send(2) and recv(2).</summary>
internal static class MessageFlags
{
    /// <summary>On TCP, recv discards in the kernel instead of copying (tcp(7)).</summary>
    internal const int Truncate = 0x20;
    internal const int DontWait = 0x40;
    internal const int NoSignal = 0x4000;
}

/// <summary>Events of epoll_ctl(2).</summary>
internal static class EpollEvents
{
    internal const uint In = 0x1;
    internal const uint Out = 0x4;
    internal const uint PeerClosed = 0x2000;
    internal const uint EdgeTriggered = 0x80000000;
}
