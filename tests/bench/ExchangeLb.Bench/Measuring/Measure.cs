namespace ExchangeLb.Bench.Measuring;

/// <summary>One figure of a workload, compared as ours / HAProxy's.</summary>
/// <param name="AtMost">The greatest ratio that is good enough; null when the figure is only shown.</param>
/// <param name="AtMostOfSplice">The same against HAProxy with forced splice.</param>
internal sealed record Measure(string Name, bool MoreIsBetter = false, double? AtMost = null, double? AtMostOfSplice = null)
{
    internal double? Target(bool againstSplice) => againstSplice ? AtMostOfSplice : AtMost;
}
