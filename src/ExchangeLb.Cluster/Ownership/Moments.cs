using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>Points on a monotonic clock.</summary>
internal static class Moments
{
    /// <summary>Earlier than anything; far enough from the ends that adding to it is safe.</summary>
    internal static readonly TimeSpan Never = TimeSpan.FromDays(-100_000);

    internal static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    internal static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
