using System;
using System.IO;
using ExchangeLb.CommandLine;
using ExchangeLb.Config;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Messages;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>`exchangelb guard --cluster FILE --node NAME --state DIR`, which a balancer starts by itself.</summary>
internal static class GuardCommand
{
    public const string Verb = "guard";

    /// <param name="words">Behind the verb.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ReadOnlySpan<string> words, StartMessages messages)
    {
        StartOptions options = new();
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            options = words[i] switch
            {
                "--cluster" => options with { ClusterFile = words[i + 1] },
                "--node" => options with { Node = words[i + 1] },
                "--state" => options with { StateDirectory = words[i + 1] },
                _ => options,
            };
        }
        if (options.ClusterFile is not { } file || words.Length % 2 != 0)
        {
            messages.Alert("guard: is started by the balancer itself, as: exchangelb guard --cluster FILE --node NAME --state DIR");
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
}
