using System;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Linux.Clocks;

namespace ExchangeLb.Cluster.Kernel;

/// <summary>CLOCK_MONOTONIC of this host.</summary>
public sealed class MonotonicClock : IMonotonicClock
{
    public TimeSpan Now => KernelClock.Monotonic;
}
