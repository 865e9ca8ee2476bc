using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ExchangeLb.Bench.Measuring;

/// <summary>Where and with what was measured, and how quiet it was.</summary>
internal sealed class Surroundings
{
    private const double TicksPerSecond = 100;   // USER_HZ, proc(5)
    private readonly double _busyBefore = MachineBusySeconds(), _oursBefore = OwnSeconds();
    private readonly long _started = Stopwatch.GetTimestamp();

    internal static string Describe(string ourProgram, string rivalProgram, string command) => $"""
        - {CpuModel}, {Environment.ProcessorCount} CPUs, kernel {Setting("kernel/osrelease")}, {Setting("net/ipv4/tcp_congestion_control")}
        - {FirstLineOf(rivalProgram, "-v")}; {FirstLineOf(ourProgram, "-v")} ({ourProgram})
        - command: {command}

        """;

    /// <summary>To be asked when all that was started has ended.</summary>
    internal string Quietness()
    {
        var elapsed = Stopwatch.GetElapsedTime(_started);
        var others = MachineBusySeconds() - _busyBefore - (OwnSeconds() - _oursBefore);
        var share = 100 * others / (elapsed.TotalSeconds * Environment.ProcessorCount);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"- took {elapsed.TotalSeconds:0} s; all else on this machine used {share:0.0} % of its CPU time{(share > 5 ? " (NOT QUIET: measure again)" : "")}\n");
    }

    private static string CpuModel =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1] ?? "unknown CPU";

    private static string Setting(string name) => File.ReadAllText($"/proc/sys/{name}").Trim();

    // user + nice + system + irq + softirq of all CPUs.
    private static double MachineBusySeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new[] { 1, 2, 3, 6, 7 }.Sum(field => double.Parse(fields[field], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    // utime, stime, and those of the children that have ended.
    private static double OwnSeconds()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return Enumerable.Range(11, 4).Sum(field => double.Parse(fields[field], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static string FirstLineOf(string program, string argument)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true })!;
        var line = process.StandardOutput.ReadLine() ?? "";
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return line;
    }
}
