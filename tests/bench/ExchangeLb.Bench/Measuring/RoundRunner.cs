using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Proxies;

namespace ExchangeLb.Bench.Measuring;

/// <summary>Gives one workload to the proxies of a stage in turn, round after round, in an order that rotates.</summary>
internal sealed class RoundRunner(Stage stage, int rounds, string ourLabel, List<string> failures)
{
    /// <summary>A workload that breaks this often is given up, so that a broken proxy does not cost the whole run's time.</summary>
    private const int MostFailures = 2;

    internal List<Comparison> Run(Workload workload)
    {
        // 1. Who takes part: the splicing rival only where bytes are the work.
        var proxies = stage.Proxies.Where(proxy => workload.IsBulk || !proxy.Plan.ForcedSplice).ToArray();
        var ours = Array.FindIndex(proxies, proxy => proxy.Plan.Label == ourLabel);
        var comparisons = (
            from rival in proxies
            where rival.Plan.Label != ourLabel
            from measure in workload.Measures
            select new Comparison(rival.Plan.Threads, workload, measure, rival.Plan.Label, rival.Plan.ForcedSplice)).ToList();

        // 2. A round for warming up, then those that count. The ratio needs both of the same round.
        var failed = 0;
        var count = workload.FreshStarts is { } most ? (rounds < 3 ? rounds : most) : rounds;
        for (var round = workload.FreshStarts is null ? 0 : 1; round <= count && failed < MostFailures; round++)
        {
            var readings = new double[proxies.Length][];
            for (var turn = 0; turn < proxies.Length; turn++)
            {
                var who = (turn + round) % proxies.Length;
                readings[who] = Attempt(workload, round, proxies[who], ref failed)!;
            }
            if (round == 0 || readings[ours] is null) { continue; }
            foreach (var comparison in comparisons)
            {
                var theirs = readings[Array.FindIndex(proxies, proxy => proxy.Plan.Label == comparison.Rival)];
                var measure = Array.IndexOf(workload.Measures, comparison.Measure);
                if (theirs is not null) { comparison.Add(theirs[measure], readings[ours][measure]); }
            }
        }

        // 3. A failed run taints the workload: it is reported, and never averaged away.
        if (failed >= MostFailures) { Report(workload, "given up"); }
        if (failed > 0) { comparisons.ForEach(comparison => comparison.HasFailures = true); }
        return comparisons;
    }

    private double[]? Attempt(Workload workload, int round, ProxyProcess proxy, ref int failed)
    {
        try
        {
            var values = workload.Run(stage, proxy);
            var shown = values.Zip(
                workload.Measures, (value, measure) => string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {measure.Name}"));
            var when = round == 0 ? "warm-up" : $"round {round}";
            Console.Error.WriteLine($"  {when}, {proxy.Plan.Label}: {string.Join(", ", shown)}{Busy(workload)}");
            return values;
        }
        catch (BrokenRunException e)
        {
            failed++;
            Report(workload, $"round {round}, {proxy.Plan.Label}: {e.Message}");
            try
            {
                proxy.Restart();   // whatever state it is in, the next round begins with a proxy that serves
            }
            catch (BrokenRunException again)
            {
                Report(workload, again.Message);
            }
            return null;
        }
    }

    private string Busy(Workload workload) => workload.FreshStarts is not null ? "" : string.Create(
        CultureInfo.InvariantCulture, $" (busy: proxy {stage.LastBusy.Proxy:0.00}, client and backend {stage.LastBusy.ClientAndBackend:0.00})");

    private void Report(Workload workload, string what)
    {
        var line = $"{stage.Proxies[0].Plan.Threads} thread(s), {workload.Title}: {what}";
        failures.Add(line);
        Console.Error.WriteLine($"  FAILED {line}");
    }
}
