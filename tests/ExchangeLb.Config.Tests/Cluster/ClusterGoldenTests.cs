using System;
using System.IO;
using System.Linq;
using System.Text;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests.Cluster;

/// <summary>
/// Each cluster.cfg of the folder gives exactly the messages and the model of its .expected file. With EXCHANGELB_UPDATE_GOLDEN=1 the
/// files are written anew: look at the difference before you commit it.
/// </summary>
public sealed class ClusterGoldenTests
{
    private static readonly string Folder = RepositoryRoot.File("tests", "ExchangeLb.Config.Tests", "Cluster", "Golden");

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Folder, "*.cfg").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cluster_gives_the_expected_messages_and_model(string name)
    {
        string file = Path.Combine(Folder, $"{name}.expected");

        string found = Describe(name);

        if (Environment.GetEnvironmentVariable("EXCHANGELB_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, found);
        }
        Assert.Equal(File.ReadAllText(file), found);
    }

    private static string Describe(string name)
    {
        DiagnosticList diagnostics = new();
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, $"{name}.cfg"));
        ClusterModel? model = ClusterConfigurationReader.ReadText($"{name}.cfg", bytes, Reading.Hermetic, diagnostics);
        Assert.Equal(model is null, diagnostics.HasAlerts);
        StringBuilder text = new();
        foreach (Diagnostic item in diagnostics.Items)
        {
            text.Append($"{item.Severity} {item.Place}: {item.Message}\n");
        }
        return text.Append(model is null ? "refused\n" : ClusterText.Of((ClusterModel)model)).ToString();
    }
}
