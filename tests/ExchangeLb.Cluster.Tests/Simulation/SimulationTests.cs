using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Simulation;

public sealed class SimulationTests
{
    private static int Seeds => int.Parse(Environment.GetEnvironmentVariable("EXCHANGELB_SIMULATION_SEEDS") ?? "10000", System.Globalization.CultureInfo.InvariantCulture);

    private static int First => int.Parse(Environment.GetEnvironmentVariable("EXCHANGELB_SIMULATION_FIRST") ?? "1", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Whatever_happens_there_are_never_two_owners_and_soon_one_again()
    {
        int wrong = 0;
        StringBuilder report = new();
        Parallel.For(First, First + Seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            if (Simulation.Run(seed) is not { } violation) { return; }
            Interlocked.Increment(ref wrong);
            lock (report)
            {
                if (report.Length < 8000) { report.AppendLine($"seed {seed}: {violation}   (tests/simulation/run.sh --seed {seed})"); }
            }
        });

        Assert.True(wrong == 0, $"{wrong} of {Seeds} seeds:\n{report}");
    }

    [Fact]
    public void One_seed_is_told_in_full()
    {
        if (Environment.GetEnvironmentVariable("EXCHANGELB_SIMULATION_SEED") is not { } seed) { return; }
        StringBuilder trace = new();
        string? violation = Simulation.Run(int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture), trace: trace);
        System.IO.File.WriteAllText(Environment.GetEnvironmentVariable("EXCHANGELB_SIMULATION_TRACE") ?? "trace.txt", trace.ToString());
        Assert.Null(violation);
    }
}
