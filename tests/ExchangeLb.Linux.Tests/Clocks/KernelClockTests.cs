using System;
using System.Diagnostics;
using ExchangeLb.Linux.Clocks;
using Xunit;

namespace ExchangeLb.Linux.Tests.Clocks;

public sealed class KernelClockTests
{
    [Fact]
    public void The_clock_goes_on_like_the_runtimes_own()
    {
        TimeSpan before = Stopwatch.GetElapsedTime(0);
        TimeSpan now = KernelClock.Monotonic;
        TimeSpan after = Stopwatch.GetElapsedTime(0);

        Assert.InRange(now, before - TimeSpan.FromTicks(1), after + TimeSpan.FromTicks(1));
    }

    [Fact]
    public void A_tick_is_between_one_and_ten_milliseconds() => Assert.InRange(KernelClock.Tick.TotalMilliseconds, 1, 10);
}
