using System;
using System.Diagnostics;

namespace ExchangeLb.Proxy.Loops;

/// <summary>The clocks that loops read once a turn. Nothing else in Proxy reads a clock, but threads that have no turn.</summary>
internal static class LoopClock
{
    private static readonly long TicksPerMs = Stopwatch.Frequency / 1000;

    /// <summary>Monotonic milliseconds (CLOCK_MONOTONIC; clock_gettime(2)).</summary>
    public static long NowMs() => ToMs(Stopwatch.GetTimestamp());

    public static long ToMs(long ticks) => ticks / TicksPerMs;

    /// <summary>Wall clock in milliseconds since 1970.</summary>
    public static long UnixMs() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
