using System;
using System.Threading;
using Xunit;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>Waits for other processes, which give no sign: looks again and again, up to a bound; once more after it, if this thread itself was late.</summary>
internal static class Eventually
{
    internal static void Holds(TimeSpan bound, Func<bool> condition, Func<string> whatIsWrong) =>
        Assert.True(SpinWait.SpinUntil(condition, bound) || condition(), $"not within {bound.TotalSeconds} s: {whatIsWrong()}");

    internal static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
