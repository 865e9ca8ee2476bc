using System;
using System.Threading;
using Xunit;

namespace ExchangeLb.Exe.Tests.EndToEnd;

/// <summary>The one place where a test of whole processes waits: for a condition, never for a time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static void True(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Deadline) || condition(), $"not within {Deadline.TotalSeconds} s: {what}");
}
