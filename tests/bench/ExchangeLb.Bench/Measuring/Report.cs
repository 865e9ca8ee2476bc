using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace ExchangeLb.Bench.Measuring;

/// <summary>The table of a run, in Markdown that is aligned to be read as text.</summary>
internal static class Report
{
    internal static string Write(IReadOnlyList<Comparison> comparisons, IReadOnlyList<string> failures, string ourLabel)
    {
        var text = new StringBuilder();
        foreach (var threads in comparisons.Select(comparison => comparison.Threads).Distinct())
        {
            var places = threads == 1 ? "thread: proxy on CPU 0, clients and servers on CPU 1" : "threads: nothing pinned";
            text.Append(CultureInfo.InvariantCulture, $"\n## {threads} {places}\n\n");
            AppendTable(text, [.. comparisons.Where(comparison => comparison.Threads == threads).Select(Cells)], ourLabel);
        }
        text.Append("\nratio: ").Append(ourLabel).Append(" / HAProxy within a round, median [least..greatest]. (+) more is better, all else less.\n");
        text.Append(CultureInfo.InvariantCulture, $"{comparisons.Count(of => of.Verdict == Verdict.Pass)} PASS, ");
        text.Append(CultureInfo.InvariantCulture, $"{comparisons.Count(of => of.Verdict == Verdict.Miss)} MISS, ");
        text.Append(CultureInfo.InvariantCulture, $"{comparisons.Count(of => of.Verdict == Verdict.Failed)} FAILED\n");
        foreach (var failure in failures) { text.Append("FAILED: ").Append(failure).Append('\n'); }
        return text.ToString();
    }

    private static string[] Cells(Comparison of) =>
    [
        of.Workload.Title,
        of.Measure.Name + (of.Measure.MoreIsBetter ? " (+)" : ""),
        of.Rival,
        of.Rounds == 0 ? "-" : Figure(of.Theirs),
        of.Rounds == 0 ? "-" : Figure(of.Ours),
        of.Rounds == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{of.Ratio:0.00} [{of.Least:0.00}..{of.Greatest:0.00}]"),
        of.Target is { } target ? string.Create(CultureInfo.InvariantCulture, $"<= {target:0.00}") : "",
        of.Verdict == Verdict.Shown ? "" : of.Verdict.ToString().ToUpperInvariant(),
    ];

    private static string Figure(double value) =>
        value.ToString(value >= 1000 ? "N0" : value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);

    private static void AppendTable(StringBuilder text, List<string[]> rows, string ourLabel)
    {
        string[] head = ["workload", "measure", "against", "theirs", ourLabel, "ratio", "target", "verdict"];
        var widths = head.Select((title, column) => Math.Max(title.Length, rows.Max(row => row[column].Length))).ToArray();
        AppendRow(head);
        AppendRow([.. widths.Select(width => new string('-', width))]);
        rows.ForEach(AppendRow);

        void AppendRow(string[] row)
        {
            var cells = row.Select((cell, column) => column is 3 or 4 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }
    }
}
