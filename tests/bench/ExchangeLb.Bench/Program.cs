using System;
using ExchangeLb.Bench;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Measuring;
using ExchangeLb.Bench.Soak;

// Called by run.sh and soak.sh inside a network namespace of its own: ports and limits are set there.
try
{
    return args switch
    {
        ["run", .. var rest] => Benchmark.Run(Options.Parse(rest)),
        ["soak", .. var rest] => SoakRun.Run(Options.Parse(rest)),
        _ => throw new ArgumentException("run or soak is the first word"),
    };
}
catch (Exception e) when (e is ArgumentException or BrokenRunException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
