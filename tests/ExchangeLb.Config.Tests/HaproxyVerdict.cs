using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace ExchangeLb.Config.Tests;

/// <summary>What the real `haproxy -c` says of a file: accepted or not, whether it warned, and the lines of its alerts (those that have one).</summary>
internal sealed partial record HaproxyVerdict(bool Accepted, bool Warned, ImmutableSortedSet<int> AlertLines, string Output)
{
    public static string? Executable { get; } = Find();

    public static HaproxyVerdict Of(string file, IReadOnlyDictionary<string, string> environment)
    {
        ProcessStartInfo start = new(Executable!, ["-c", "-f", Path.GetFileName(file)])
        {
            WorkingDirectory = Path.GetDirectoryName(file),
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        // What is left on standard output is one line, which fits into the pipe.
        string output = process.StandardError.ReadToEnd();
        process.WaitForExit();
        string[] lines = output.Split('\n');
        IEnumerable<int> alertLines = lines.Where(line => line.StartsWith("[ALERT]", StringComparison.Ordinal))
            .Select(line => Place().Match(line)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        // 2: valid, but nothing to listen on, which is the program's business and not the reader's.
        return new(process.ExitCode != 1, lines.Any(line => line.StartsWith("[WARNING]", StringComparison.Ordinal)), [.. alertLines], output);
    }

    [GeneratedRegex(@"\[[^\]]*\.cfg:(\d+)\]")]
    private static partial Regex Place();

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(folder => Path.Combine(folder, "haproxy")).FirstOrDefault(File.Exists);
}
