using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Tests.Simulation.Sessions;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>`tests/simulation/run.sh` runs more seeds than these, or one of them with its story.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int ReportedMax = 40;

    /// <summary>Of the sessions that could be kept.</summary>
    private const double KeptShare = 0.9;

    /// <summary>Of fewer one story counts too much.</summary>
    private const int SeedsForShare = 10_000;

    private static readonly int Seeds = Setting("EXCHANGELB_SIMULATION_SEEDS", 10_000);
    private static readonly int First = Setting("EXCHANGELB_SIMULATION_FIRST", 1);
    private static readonly string? TraceFile = Environment.GetEnvironmentVariable("EXCHANGELB_SIMULATION_TRACE");

    /// <summary>In tenths, each of which takes well under the time after which a test is taken for hung.</summary>
    [Theory]
    [InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8), InlineData(9)]
    public void Whatever_happens_there_are_never_two_owners_and_soon_one_again(int tenth)
    {
        int wrong = 0;
        SessionTally tally = new();
        StringBuilder report = new();
        Parallel.For(First + (int)((long)Seeds * tenth / 10), First + (int)((long)Seeds * (tenth + 1) / 10), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            StringBuilder? trace = string.IsNullOrEmpty(TraceFile) ? null : new();
            string? violation = Simulation.Run(seed, trace: trace, tally: tally);
            if (trace is not null) { File.WriteAllText(TraceFile!, trace.ToString()); }
            if (violation is null) { return; }
            if (Interlocked.Increment(ref wrong) > ReportedMax) { return; }
            lock (report) { report.AppendLine(CultureInfo.InvariantCulture, $"seed {seed}: {violation}   (tests/simulation/run.sh --seed {seed})"); }
        });

        Assert.True(wrong == 0, $"{wrong} of {Seeds} seeds:\n{report}");
        output.WriteLine(tally.ToString());
        Assert.True(Seeds < SeedsForShare || (tally.Kept > tally.Keepable * KeptShare && tally.KeptThroughLoss > 0), tally.ToString());
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
