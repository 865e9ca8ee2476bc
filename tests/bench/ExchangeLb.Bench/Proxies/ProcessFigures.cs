using System;
using System.Globalization;
using System.IO;
using System.Linq;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Proxies;

/// <summary>What a process holds: resident and proportional memory in MiB (smaps_rollup, proc(5)), open descriptors.</summary>
internal readonly record struct ProcessFigures(double ResidentMiB, double ProportionalMiB, int Descriptors)
{
    internal static ProcessFigures Of(int process)
    {
        try
        {
            var lines = File.ReadAllLines($"/proc/{process}/smaps_rollup");
            return new ProcessFigures(MiB(lines, "Rss:"), MiB(lines, "Pss:"), Directory.GetFileSystemEntries($"/proc/{process}/fd").Length);
        }
        catch (IOException e)
        {
            throw new BrokenRunException($"process {process} is gone: {e.Message}");
        }
    }

    private static double MiB(string[] lines, string name)
    {
        var words = lines.Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
