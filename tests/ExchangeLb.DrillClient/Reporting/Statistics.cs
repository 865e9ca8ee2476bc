using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.DrillClient.Reporting;

internal static class Statistics
{
    /// <param name="values">At least one.</param>
    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>"44 / 55".</summary>
    internal static string MedianAndWorst(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return FormattableString.Invariant($"{Median(all):F0} / {all.Max():F0}");
    }
}
