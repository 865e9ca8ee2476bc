using System;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Clocks;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>
/// How far the kernel's tick is behind its clock. Timed elements are counted in ticks (jiffies); the coarse clock is set forward with each of them, so the two
/// clocks tell it (clock_gettime(2), CLOCK_MONOTONIC_COARSE). Commonly it is less than two ticks; while a hypervisor gives the processor to others, it grows.
/// </summary>
internal static class TickClock
{
    private const int CLOCK_MONOTONIC_COARSE = 6;

    internal static TimeSpan Behind
    {
        get
        {
            _ = GetTime(CLOCK_MONOTONIC_COARSE, out TimeSpec coarse);
            TimeSpan behind = KernelClock.Monotonic - new TimeSpan((coarse.Seconds * TimeSpan.TicksPerSecond) + (coarse.Nanoseconds / 100));
            return behind;
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out TimeSpec time);

    /// <summary>struct timespec, 64-bit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
