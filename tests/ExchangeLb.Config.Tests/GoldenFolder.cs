using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests;

/// <summary>The folder of configurations with the messages that they must give.</summary>
internal static class GoldenFolder
{
    public static string Path { get; } = RepositoryRoot.File("tests", "ExchangeLb.Config.Tests", "Golden");

    public static TheoryData<string> Names { get; } =
        [.. Directory.EnumerateFiles(Path, "*.cfg").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    /// <summary>The variables that both we and HAProxy are given.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string> { ["PORT"] = "8443", ["EMPTY"] = "" };

    public static (LoadBalancerModel? Model, DiagnosticList Diagnostics) Read(string name)
    {
        ReaderOptions options = Reading.Hermetic with
        {
            Environment = variable => Environment.GetValueOrDefault(variable),
            ReadTextFile = file => File.Exists(System.IO.Path.Combine(Path, file)) ? File.ReadAllText(System.IO.Path.Combine(Path, file)) : null,
        };
        DiagnosticList diagnostics = new();
        byte[] bytes = File.ReadAllBytes(System.IO.Path.Combine(Path, $"{name}.cfg"));
        return (ConfigurationReader.ReadText($"{name}.cfg", bytes, options, diagnostics), diagnostics);
    }

    /// <summary>The messages and what was understood, in the form of the .expected files.</summary>
    public static string Describe(string name)
    {
        (LoadBalancerModel? model, DiagnosticList diagnostics) = Read(name);
        StringBuilder text = new();
        foreach (Diagnostic item in diagnostics.Items)
        {
            text.Append($"{item.Severity} {item.Place}: {item.Message}\n");
        }
        text.Append(model is null ? "refused\n" : ModelText.Of((LoadBalancerModel)model));
        return text.ToString();
    }
}
