using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ExchangeLb.Bench.Measuring;

namespace ExchangeLb.Bench;

/// <summary>The command line, as the scripts pass it on.</summary>
/// <param name="Directory">A scratch directory of this run.</param>
/// <param name="RecordTo">Where the report is kept, or null.</param>
internal sealed record Options(
    string Binary, string Directory, IReadOnlySet<string> Workloads, int Rounds, int[] Threads, int Connections, int Seed, string? RecordTo, string CommandLine)
{
    /// <summary>Throws <see cref="ArgumentException"/> with what is wrong.</summary>
    internal static Options Parse(ReadOnlySpan<string> words)
    {
        var known = Workload.All.Select(workload => workload.Name).ToHashSet(StringComparer.Ordinal);
        var workloads = new HashSet<string>(StringComparer.Ordinal);
        var options = new Options("", "", workloads, 7, [1, 2], 300_000, Environment.TickCount, null, "");
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (known.Contains(word))
            {
                workloads.Add(word);
                continue;
            }
            if (i + 1 == words.Length) { throw new ArgumentException($"'{word}' is neither a workload ({string.Join(' ', known)}) nor an option with its value"); }
            var value = words[++i];
            options = word switch
            {
                "--binary" => options with { Binary = value },
                "--directory" => options with { Directory = value },
                "--record-to" => options with { RecordTo = value },
                "--command-line" => options with { CommandLine = value },
                "--rounds" => options with { Rounds = Number(word, value) },
                "--threads" => options with { Threads = [.. value.Split(',').Select(part => Number(word, part))] },
                "--connections" => options with { Connections = Number(word, value) },
                "--seed" => options with { Seed = Number(word, value) },
                _ => throw new ArgumentException($"'{word}' is neither a workload ({string.Join(' ', known)}) nor an option"),
            };
        }
        return options;
    }

    private static int Number(string option, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{option} needs a number above 0, not '{value}'");
}
