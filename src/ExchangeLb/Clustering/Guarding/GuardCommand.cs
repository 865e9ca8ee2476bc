using System;
using System.IO;
using ExchangeLb.CommandLine;
using ExchangeLb.Config;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Messages;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>`exchangelb guard --cluster FILE [--node NAME] --state DIR [--units]`, which a balancer starts by itself, or a unit.</summary>
internal static class GuardCommand
{
    public const string Verb = "guard";

    /// <param name="words">Behind the verb.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReadOnlySpan<string> words, StartMessages messages)
    {
        if (Read(words) is not { ClusterFile: { } file } options)
        {
            messages.Alert("guard: is started by the balancer itself, as: exchangelb guard --cluster FILE [--node NAME] [--state DIR] [--units]");
            return ExitCode.Failure;
        }
        DiagnosticList found = new();
        ClusterModel? model = ClusterConfigurationReader.Read(file, new ReaderOptions(), found);
        if (model is null || ClusterSetup.For(options, model, messages) is not { } setup)
        {
            messages.Alert($"guard: {file} can't be read: exchangelb -c --cluster {file} says why");
            return ExitCode.Failure;
        }
        Directory.CreateDirectory(setup.Paths.State);
        using GuardProgram program = new(setup);
        return program.Run();
    }

    private static StartOptions? Read(ReadOnlySpan<string> words)
    {
        StartOptions options = new();
        for (int i = 0; i < words.Length; i++)
        {
            string? value = i + 1 < words.Length ? words[i + 1] : null;
            switch (words[i])
            {
                case "--units": options = options with { Units = true }; continue;
                case "--cluster" when value is not null: options = options with { ClusterFile = value }; break;
                case "--node" when value is not null: options = options with { Node = value }; break;
                case "--state" when value is not null: options = options with { StateDirectory = value }; break;
                default: return null;
            }
            i++;
        }
        return options;
    }
}
