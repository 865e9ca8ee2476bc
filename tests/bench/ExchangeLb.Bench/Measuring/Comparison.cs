using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.Bench.Measuring;

internal enum Verdict
{
    Shown,
    Pass,
    Miss,
    Failed,
}

/// <summary>One line of the report: a measure of ours against that of one rival, over the rounds in which both ran.</summary>
internal sealed record Comparison(int Threads, Workload Workload, Measure Measure, string Rival, bool AgainstSplice)
{
    private readonly List<(double Theirs, double Ours)> _rounds = [];

    internal bool HasFailures { get; set; }

    internal void Add(double theirs, double ours) => _rounds.Add((theirs, ours));

    internal int Rounds => _rounds.Count;

    internal double Theirs => Median(_rounds.Select(round => round.Theirs));

    internal double Ours => Median(_rounds.Select(round => round.Ours));

    /// <summary>The ratios are taken inside each round, so that what disturbs both at once falls out.</summary>
    internal double Ratio => Median(Ratios);

    internal double Least => Ratios.Min();

    internal double Greatest => Ratios.Max();

    internal double? Target => Measure.Target(AgainstSplice);

    internal Verdict Verdict =>
        HasFailures || Rounds == 0 ? Verdict.Failed
        : Target is not { } target ? Verdict.Shown
        : Ratio <= target ? Verdict.Pass : Verdict.Miss;

    private IEnumerable<double> Ratios => _rounds.Select(round => round.Ours / round.Theirs);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
