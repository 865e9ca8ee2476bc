using System;
using System.Runtime.InteropServices;

namespace ExchangeLb.Linux.Clocks;

/// <summary>struct timespec, 64-bit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary>clock_gettime(2): the kernel's monotonic clock, and how finely its timed elements are cut.</summary>
public static unsafe partial class KernelClock
{
    private const int CLOCK_MONOTONIC = 1;
    private const int CLOCK_MONOTONIC_COARSE = 6;

    /// <summary>Since some point in the past (boot), without steps; it stands still while a machine is suspended.</summary>
    public static TimeSpan Monotonic
    {
        get
        {
            TimeSpec time;
            _ = clock_gettime(CLOCK_MONOTONIC, &time);   // cannot fail with a clock that exists since 2.6
            return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100));
        }
    }

    /// <summary>1/CONFIG_HZ: timeouts are counted in it, 1 to 10 ms.</summary>
    public static TimeSpan Tick
    {
        get
        {
            TimeSpec time;
            _ = clock_getres(CLOCK_MONOTONIC_COARSE, &time);
            return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100));
        }
    }

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    [LibraryImport("libc")]
    private static partial int clock_getres(int clock, TimeSpec* time);
}
