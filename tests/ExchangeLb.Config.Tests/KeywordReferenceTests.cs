using System;
using System.IO;
using System.Linq;
using ExchangeLb.Config.Keywords;
using Xunit;

namespace ExchangeLb.Config.Tests;

public sealed class KeywordReferenceTests
{
    [Fact]
    public void The_reference_holds_the_table_that_the_rows_make() => AssertHolds(KeywordReference.ToMarkdown(), "cluster-config", "keywords.md");

    [Fact]
    public void The_readme_of_the_cluster_holds_the_table_that_the_rows_make() => AssertHolds(KeywordReference.ToClusterMarkdown(), "cluster-config", "README.md");

    [Fact]
    public void Every_row_says_in_one_line_what_it_means_or_what_to_do() =>
        Assert.All(KeywordReference.Groups().Concat(KeywordReference.ClusterGroups()).SelectMany(group => group.Rows), row =>
        {
            Assert.False(string.IsNullOrWhiteSpace(row.Description), row.Name);
            Assert.DoesNotContain('\n', row.Description);
            Assert.NotEqual(SectionKinds.None, row.Kinds);
        });

    [Fact]
    public void A_row_that_is_not_run_is_told_from_an_unknown_word()
    {
        Reading reading = Reading.OfListen("tcp-request connection reject", "tcp-request conection reject");

        Assert.Equal(
            [
                "7: listen 'a': 'tcp-request connection' is known, but not supported; filter addresses by nftables, or choose a backend by 'use_backend … if'",
                "8: listen 'a': 'tcp-request conection' is not known here; did you mean 'tcp-request connection'?",
            ],
            reading.Messages(ExchangeLb.Core.Text.Severity.Alert));
    }

    /// <summary>With EXCHANGELB_UPDATE_README=1 the table is written anew.</summary>
    private static void AssertHolds(string table, params string[] path)
    {
        string file = RepositoryRoot.File(path);
        string readme = File.ReadAllText(file);

        string? expected = KeywordReference.Replace(readme, table);

        Assert.True(expected is not null, $"{file} lacks the markers of the keyword table");
        if (Environment.GetEnvironmentVariable("EXCHANGELB_UPDATE_README") == "1")
        {
            File.WriteAllText(file, expected);
            readme = expected;
        }
        Assert.True(expected == readme, $"the keyword table of {file} is stale; run: EXCHANGELB_UPDATE_README=1 dotnet test tests/ExchangeLb.Config.Tests");
    }
}
