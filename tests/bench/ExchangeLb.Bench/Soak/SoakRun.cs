using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Measuring;
using ExchangeLb.Bench.Proxies;

namespace ExchangeLb.Bench.Soak;

/// <summary>
/// Many connections of mixed kinds through one proxy, whose descriptors, memory and `show info` are watched. A tenth of them warms up; what it
/// holds then, at rest, must not have grown at the end beyond the bounds below.
/// </summary>
internal static class SoakRun
{
    /// <summary>Pools of pipes may still fill after the warm-up; a leak of one descriptor in 1,000 connections would exceed this.</summary>
    private const int DescriptorsMore = 64;

    /// <summary>What a heap may breathe: 10 % and 8 MiB; with 300,000 connections a leak of about 40 bytes each exceeds the latter.</summary>
    private const double MemoryFactor = 1.1, MemoryMoreMiB = 8;

    /// <summary>`show info` may count the connection by which it is asked.</summary>
    private const int ConnectionsAtRest = 1;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5), RestLimit = TimeSpan.FromSeconds(20), RestPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Exit code: 0 when all is well, 1 when a bound is exceeded, 2 when a connection failed.</summary>
    internal static int Run(Options options)
    {
        var plan = new ProxyPlan(Path.GetFileName(options.Binary), options.Binary, 0, options.Threads[^1], false, false, options.Directory);
        using var stage = new Stage([plan]);
        var proxy = stage.Proxies[0];
        var crowd = new SoakCrowd(plan.Port, options.Seed);
        Console.WriteLine($"{options.Connections} connections through {options.Binary}, {plan.Threads} thread(s), seed {options.Seed}");
        Tell("start");

        crowd.Run(options.Connections / 10, Every, () => Tell("warming up"));
        var before = Rest("warm");
        crowd.Run(options.Connections - options.Connections / 10, Every, () => Tell("running"));
        var after = Rest("end");

        Console.WriteLine($"lived: {string.Join("; ", crowd.Kinds)}");
        foreach (var failure in crowd.Failures) { Console.WriteLine($"FAILED {failure}"); }
        if (crowd.Failed > 0) { Console.WriteLine($"FAILED {crowd.Failed} of {crowd.Lived} connections"); }
        var bounded =
            IsBack("descriptors", before.Figures.Descriptors, after.Figures.Descriptors, before.Figures.Descriptors + DescriptorsMore)
            & IsBack("RSS MiB", before.Figures.ResidentMiB, after.Figures.ResidentMiB, before.Figures.ResidentMiB * MemoryFactor + MemoryMoreMiB)
            & IsBack("connections", before.Connections, after.Connections, ConnectionsAtRest);
        Console.WriteLine(crowd.Failed > 0 ? "FAILED" : bounded ? "PASS" : "MISS");
        return crowd.Failed > 0 ? 2 : bounded ? 0 : 1;

        (ProcessFigures Figures, int Connections) Rest(string when)
        {
            for (var waited = TimeSpan.Zero; Now().Connections > ConnectionsAtRest && waited < RestLimit; waited += RestPoll) { Thread.Sleep(RestPoll); }
            Thread.Sleep(RestPoll);   // the last ones are counted as gone a moment before their descriptors are closed
            Tell(when);
            return Now();
        }

        (ProcessFigures Figures, int Connections) Now() =>
            (ProcessFigures.Of(proxy.Id), int.Parse(StatsSocket.ShowInfo(plan)["CurrConns"], CultureInfo.InvariantCulture));

        void Tell(string when)
        {
            var (figures, connections) = Now();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{when,-10} {crowd.Lived,8} lived {crowd.Failed,4} failed | descriptors {figures.Descriptors,5} | RSS {figures.ResidentMiB,7:0.0} MiB | CurrConns {connections,5}"));
        }
    }

    private static bool IsBack(string what, double before, double after, double most)
    {
        var good = after <= most;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {before:0.0} warm, {after:0.0} at the end, at most {most:0.0}: {(good ? "PASS" : "MISS")}"));
        return good;
    }
}
