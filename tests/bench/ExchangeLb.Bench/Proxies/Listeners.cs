using System;
using System.Diagnostics;
using System.Linq;
using System.Text.RegularExpressions;
using ExchangeLb.Bench.Kernel;

namespace ExchangeLb.Bench.Proxies;

/// <summary>
/// Who listens where, by ss(8). Two processes on one port share its connections without any complaint (SO_REUSEPORT), and then half of the
/// work is missing from the measurement: so each port must belong to the one process that is being measured.
/// </summary>
internal static partial class Listeners
{
    internal static void AssertOwnedBy(ProxyProcess proxy)
    {
        foreach (var port in proxy.Plan.ListeningPorts)
        {
            var lines = Query(port);
            var owners = lines.SelectMany(line => Owner().Matches(line)).Select(match => match.Groups[1].Value).Distinct().ToArray();
            if (lines.Length == 0) { throw new BrokenRunException($"nobody listens on port {port}"); }
            if (owners is not [var owner] || owner != $"{proxy.Id}")
            {
                throw new BrokenRunException($"port {port} should belong to process {proxy.Id} alone, not to {string.Join(", ", owners)}");
            }
            // One socket a thread is a design (SO_REUSEPORT within the process); more would be a leftover.
            if (lines.Length > proxy.Plan.Threads) { throw new BrokenRunException($"port {port} has {lines.Length} listening sockets"); }
        }
    }

    private static string[] Query(int port)
    {
        using var ss = Process.Start(new ProcessStartInfo("ss", ["-Hltnp", "sport", "=", $":{port}"]) { RedirectStandardOutput = true })!;
        var lines = ss.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ss.WaitForExit();
        return ss.ExitCode == 0 ? lines : throw new BrokenRunException($"ss ended with {ss.ExitCode}");
    }

    [GeneratedRegex("pid=([0-9]+)")]
    private static partial Regex Owner();
}
