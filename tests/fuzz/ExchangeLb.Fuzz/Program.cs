using System;
using System.Globalization;
using System.Linq;
using ExchangeLb.Fuzz.Targets;

namespace ExchangeLb.Fuzz;

/// <summary>`SECONDS SEED [TARGET [CASE]]`: all targets in turn for the given time, or one of them, or one case of it again.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        if (arguments.Length is < 2 or > 4)
        {
            Console.Error.WriteLine("usage: SECONDS SEED [TARGET [CASE]]");
            return 2;
        }
        int seconds = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        int seed = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        using var live = new LiveBalancer();
        FuzzTarget[] targets =
        [
            new ConfigurationTarget(), new ClusterTarget(), new TlsAnswerTarget(), new HttpAnswerTarget(), new StatsRequestTarget(live), new CommandTarget(live),
        ];
        if (arguments.Length > 2)
        {
            targets = [.. targets.Where(target => target.Name == arguments[2])];
        }
        using var fuzzer = new Fuzzer(seed, targets);
        return arguments.Length > 3
            ? fuzzer.Repeat(long.Parse(arguments[3], CultureInfo.InvariantCulture))
            : fuzzer.Run(TimeSpan.FromSeconds(seconds));
    }
}
