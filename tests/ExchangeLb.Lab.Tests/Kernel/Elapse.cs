using System;
using System.Threading;
using ExchangeLb.Linux.Clocks;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>Lets the kernel's own time pass, where what is tested is the kernel's own timer.</summary>
internal static class Elapse
{
    internal static void For(TimeSpan time)
    {
        TimeSpan end = KernelClock.Monotonic + time;
        SpinWait.SpinUntil(() => KernelClock.Monotonic >= end);
    }
}
