using System;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>A figure in the README stands in a recorded report that the README links to.</summary>
public sealed partial class FiguresTests
{
    [Fact]
    public void Every_outage_in_the_README_stands_in_a_report_that_it_links_to()
    {
        MarkdownText readme = new("README.md");
        string reports = string.Join('\n', readme.Links.Where(link => link.StartsWith("tests/drills/results/", StringComparison.Ordinal)).Select(Repository.Read));
        string[] figures = [.. Outage().Matches(Repository.Read("README.md")).Select(match => match.Groups["pair"].Value)];

        Assert.NotEmpty(figures);
        Assert.All(figures, figure => Assert.Contains($"| {figure} |", reports, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_ratio_of_the_table_stands_in_the_benchmarks_table()
    {
        string bench = Repository.Read("tests/bench/README.md");
        string[] ratios = [.. Ratio().Matches(Repository.Read("README.md")).Select(match => match.Value)];

        Assert.NotEmpty(ratios);
        Assert.All(ratios, ratio => Assert.Contains(ratio, bench, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?<pair>\d+ / \d+) ms")]
    private static partial Regex Outage();

    [GeneratedRegex(@"\b0\.\d\d\b")]
    private static partial Regex Ratio();
}
