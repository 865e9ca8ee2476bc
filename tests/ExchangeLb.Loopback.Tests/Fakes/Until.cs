using System;
using System.Diagnostics;
using System.Threading;

namespace ExchangeLb.Loopback.Tests.Fakes;

/// <summary>The one way to wait for what nothing reports: look until it is so, and fail when it is not in time.</summary>
internal static class Until
{
    /// <summary>Longest wait for anything that should come at once. Generous: the machine may be busy with other things.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private const int LookEveryMs = 2;

    public static void True(Func<bool> condition, string what)
    {
        long started = Stopwatch.GetTimestamp();
        using var never = new ManualResetEventSlim();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience && !condition())       // once more, if it is this thread that was late
            {
                throw new TimeoutException($"in {Patience.TotalSeconds} s it did not come true that {what}");
            }
            never.Wait(LookEveryMs);
        }
    }
}
