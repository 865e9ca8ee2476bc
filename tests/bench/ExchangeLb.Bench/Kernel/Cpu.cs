using System;

namespace ExchangeLb.Bench.Kernel;

/// <summary>Where threads run, and what processes have used.</summary>
internal static unsafe class Cpu
{
    private const int SetTimerSlack = 29;

    /// <summary>Binds the calling thread, and what it starts from now on (threads and processes), to one CPU.</summary>
    internal static void PinThread(int cpu) => SetMask(1UL << cpu);

    internal static void UnpinThread() => SetMask(Environment.ProcessorCount >= 64 ? ulong.MaxValue : (1UL << Environment.ProcessorCount) - 1);

    /// <summary>Timers of the calling thread fire to the microsecond, not within the default slack of 50 microseconds (prctl(2)).</summary>
    internal static void MakeTimersExact() => Tcp.Check(Libc.ControlProcess(SetTimerSlack, 1, 0, 0, 0), "prctl");

    /// <summary>
    /// User and system time of a process, all threads, those that have ended included, in nanoseconds of the scheduler's own account
    /// (clock_getcpuclockid(3)); /proc/PID/stat has the same in ticks of 10 ms.
    /// </summary>
    internal static TimeSpan OfProcess(int process)
    {
        int clock;
        TimeSpec used;
        var error = Libc.CpuClockOf(process, &clock);
        if (error != 0 || Libc.ReadClock(clock, &used) != 0) { throw new BrokenRunException($"process {process} is gone"); }
        return TimeSpan.FromSeconds(used.Seconds) + TimeSpan.FromTicks(used.Nanoseconds / 100);
    }

    private static void SetMask(ulong mask)
    {
        var words = stackalloc ulong[16];
        new Span<ulong>(words, 16).Clear();
        words[0] = mask;
        Tcp.Check(Libc.SetAffinity(0, 16 * sizeof(ulong), words), "sched_setaffinity");
    }
}
