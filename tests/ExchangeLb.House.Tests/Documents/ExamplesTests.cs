using System;
using System.IO;
using System.Linq;
using ExchangeLb.CommandLine;
using ExchangeLb.Messages;
using ExchangeLb.Starting;
using Xunit;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>The worked examples are pairs of files that `-c` takes without a warning: whoever copies one begins with a clean answer.</summary>
public sealed class ExamplesTests
{
    private const string Folder = "cluster-config/examples/";

    public static TheoryData<string> Examples =>
        [.. Repository.Files.Where(file => file.StartsWith(Folder, StringComparison.Ordinal)).Select(file => Path.GetDirectoryName(file)!).Distinct()];

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_a_pair_of_files_that_fit(string example)
    {
        StringWriter said = new();
        StartMessages messages = new(() => said, () => said, processId: 1);
        StartOptions options = new()
        {
            Paths = [Path.Combine(Repository.Root, example, "haproxy.cfg")],
            ClusterFile = Path.Combine(Repository.Root, example, "cluster.cfg"),
        };

        LoadedConfiguration? loaded = ConfigurationLoad.Read(options, messages, sayWarnings: true);

        Assert.NotNull(loaded?.Cluster);
        Assert.DoesNotContain("[WARNING]", said.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_told_of(string example) =>
        Assert.Contains($"examples/{Path.GetFileName(example)}/", Repository.Read("cluster-config/README.md"), StringComparison.Ordinal);
}
