using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>A clock that never goes back and is not set by anybody (CLOCK_MONOTONIC). Nodes' clocks share no zero.</summary>
public interface IMonotonicClock
{
    TimeSpan Now { get; }
}
