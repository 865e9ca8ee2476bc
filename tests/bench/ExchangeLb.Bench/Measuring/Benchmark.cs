using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ExchangeLb.Bench.Proxies;

namespace ExchangeLb.Bench.Measuring;

/// <summary>A whole run: for each number of threads a stage, on it the workloads, at the end the report.</summary>
internal static class Benchmark
{
    private const string Rival = "haproxy", RivalWithSplice = "haproxy, forced splice";

    /// <summary>Exit code: 0 when every target is met, 1 when one is missed, 2 when a run failed.</summary>
    internal static int Run(Options options)
    {
        var label = Path.GetFileName(options.Binary) is var name && name == Rival ? "haproxy again" : name;
        var workloads = Workload.All.Where(workload => options.Workloads.Count == 0 || options.Workloads.Contains(workload.Name)).ToArray();
        var surroundings = new Surroundings();
        var comparisons = new List<Comparison>();
        var failures = new List<string>();

        foreach (var threads in options.Threads)
        {
            ProxyPlan Plan(string of, string program, int ordinal, bool splice) =>
                new(of, program, ordinal, threads, splice, workloads.Any(workload => workload.Name == "wrk"), options.Directory);
            var plans = new List<ProxyPlan> { Plan(Rival, Rival, 0, false), Plan(label, options.Binary, 1, false) };
            if (workloads.Any(workload => workload.IsBulk)) { plans.Add(Plan(RivalWithSplice, Rival, 2, true)); }
            using var stage = new Stage(plans);
            var runner = new RoundRunner(stage, options.Rounds, label, failures);
            foreach (var workload in workloads)
            {
                Console.Error.WriteLine($"{threads} thread(s), {workload.Title}");
                comparisons.AddRange(runner.Run(workload));
            }
        }

        var report = Surroundings.Describe(options.Binary, Rival, options.CommandLine)
            + surroundings.Quietness()
            + Report.Write(comparisons, failures, label);
        Console.Write(report);
        if (options.RecordTo is { } directory) { Record(directory, report); }
        return comparisons.Any(of => of.Verdict == Verdict.Failed) ? 2 : comparisons.Any(of => of.Verdict == Verdict.Miss) ? 1 : 0;
    }

    private static void Record(string directory, string report)
    {
        var now = DateTime.UtcNow;
        Directory.CreateDirectory(directory);
        var file = Path.Combine(directory, now.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture) + ".md");
        File.WriteAllText(file, $"# Measured {now:yyyy-MM-dd HH:mm} UTC\n\n{report}");
        Console.Error.WriteLine($"recorded in {file}");
    }
}
