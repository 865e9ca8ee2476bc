using System;

namespace ExchangeLb.Bench.Traffic;

/// <summary>What a load has done: units of its own kind, from the first connect to the last answer.</summary>
/// <param name="Units">Connections, requests or GiB.</param>
/// <param name="Sessions">Connections that the proxy must have logged when all are closed; 0 when that is not known.</param>
internal sealed record LoadResult(double Units, TimeSpan Elapsed, int Sessions)
{
    /// <summary>Percentiles of the answer times, where the load measures them.</summary>
    internal TimeSpan MedianTime { get; init; }

    internal TimeSpan NinetyNinthTime { get; init; }
}
