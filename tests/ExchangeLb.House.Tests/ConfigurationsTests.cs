using System;
using System.Linq;
using System.Text.RegularExpressions;
using ExchangeLb.Config;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.House.Tests;

/// <summary>Every configuration that is shipped or shown is accepted by the real reader. Warnings are allowed: the article's own file has some.</summary>
public sealed partial class ConfigurationsTests
{
    /// <summary>Those of the tests may be wrong on purpose.</summary>
    public static TheoryData<string> Shipped => [.. Repository.FilesWith(".cfg").Where(file => !file.StartsWith("tests/", StringComparison.Ordinal))];

    public static TheoryData<string> Texts => DocumentationTests.Texts;

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_configuration_that_is_shipped_is_accepted(string file) => AssertAccepted(file, Repository.Read(file));

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_configuration_that_is_shown_is_accepted(string file) =>
        Assert.All(new MarkdownText(file).Blocks.Where(block => block.Language == "haproxy"), block => AssertAccepted(file, block.Code));

    /// <summary>So that the test above finds them.</summary>
    [Theory]
    [MemberData(nameof(Texts))]
    public void A_configuration_is_shown_in_a_block_of_its_language(string file) =>
        Assert.DoesNotContain(new MarkdownText(file).Blocks, block => block.Language != "haproxy" && SectionLine().IsMatch(block.Code));

    private static void AssertAccepted(string name, string text)
    {
        DiagnosticList diagnostics = new();

        object? model = ClusterLine().IsMatch(text)
            ? ClusterConfigurationReader.ReadText(name, text, new ReaderOptions(), diagnostics)
            : ConfigurationReader.ReadText(name, text, new ReaderOptions(), diagnostics);

        Assert.Empty(diagnostics.Items.Where(item => item.Severity == Severity.Alert).Select(item => $"{item.Place}: {item.Message}"));
        Assert.NotNull(model);
    }

    /// <summary>cluster.cfg's only section; haproxy.cfg has none of that name.</summary>
    [GeneratedRegex(@"^cluster \S+\s*$", RegexOptions.Multiline)]
    private static partial Regex ClusterLine();

    [GeneratedRegex(@"^(global|defaults|(listen|frontend|backend|cluster) \S+)\s*$", RegexOptions.Multiline)]
    private static partial Regex SectionLine();
}
