using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;

namespace ExchangeLb.Lab.Tests.World;

/// <summary>A balancer on its host: ExchangeLb, or HAProxy to compare with. Its traffic log comes to <see cref="Log"/>.</summary>
internal sealed class RunningBalancer : IDisposable
{
    /// <summary>What the tests run: LAB_BALANCER=haproxy shows that a test is true of HAProxy too.</summary>
    internal static string Tested { get; } = Environment.GetEnvironmentVariable("LAB_BALANCER") switch
    {
        null or "" or "exchangelb" => LabWorld.BuiltProgram,
        string other => other,
    };

    private readonly LabWorld _world;
    private readonly Daemon _daemon;

    /// <summary>Starts it with two files, the second as given, and waits until it answers on the statistics port.</summary>
    internal RunningBalancer(LabWorld world, string configuration, string? program = null)
    {
        _world = world;
        Log = new LogReceiver(world.Balancer.UdpReceiver(new IPEndPoint(IPAddress.Loopback, 514)));
        StatsSocket = Path.Combine(world.Folder, "stats.sock");
        string first = Write("global.cfg", $"""
            global
                maxconn 2000
                log 127.0.0.1:514 local0
                stats socket {StatsSocket} mode 600 level admin
            """);
        ProcessStartInfo start = world.Balancer.StartInfo(program ?? Tested, "-db", "-f", first, "-f", Write("haproxy.cfg", configuration));
        if (DotnetRoot() is { } root) { start.Environment["DOTNET_ROOT"] = root; }
        _daemon = new Daemon(start);
        Eventually.Holds(Eventually.Seconds(60), () => !_daemon.Runs || TryStats() is not null, () => $"no statistics page\n{_daemon.Said}");
        if (!_daemon.Runs) { throw new InvalidOperationException($"the balancer ended with {_daemon.ExitCode}:\n{_daemon.Said}"); }
    }

    internal string StatsSocket { get; }

    internal LogReceiver Log { get; }

    internal Daemon Process => _daemon;

    internal StatsTable Stats => TryStats() ?? throw new InvalidOperationException($"no statistics page\n{_daemon.Said}");

    internal string Command(string line) => World.Command.Run("sh", "-c", $"echo '{line}' | socat -t 5 - UNIX-CONNECT:{StatsSocket}");

    /// <summary>The one that asked for the statistics last has gone, but its end may not have been seen yet.</summary>
    internal void WaitForNoStatsConnection()
    {
        const int CurrentSessions = 4;
        string row = "";
        Eventually.Holds(
            Eventually.Seconds(30),
            () => (row = Command("show stat").Split('\n').FirstOrDefault(line => line.StartsWith("stats,FRONTEND,", StringComparison.Ordinal)) ?? "").Split(',') is { Length: > CurrentSessions } fields && fields[CurrentSessions] == "0",
            () => $"'{row}'");
    }

    /// <summary>Until both servers were checked and found up.</summary>
    internal RunningBalancer Checked()
    {
        Eventually.Holds(Eventually.Seconds(60), () => Stats is var stats && new[] { "exchange1", "exchange2" }.All(server =>
            stats["e2k13", server, "status"] == "UP" && stats["e2k13", server, "check_status"].EndsWith("OK", StringComparison.Ordinal)), () => $"servers not up\n{_daemon.Said}");
        return this;
    }

    /// <summary>Fails when a look that began after the bound still sees another status: how long a look takes plays no role.</summary>
    internal void WaitForStatus(string server, string status, TimeSpan bound) =>
        Eventually.Holds(bound, () => Stats["e2k13", server, "status"].StartsWith(status, StringComparison.Ordinal), () => $"{server} is {Stats["e2k13", server, "status"]}, not {status}");

    public void Dispose()
    {
        _daemon.Dispose();
        Log.Dispose();
    }

    private StatsTable? TryStats()
    {
        World.Command.Outcome csv = _world.Client.Try("curl", "--silent", "--fail", "--noproxy", "*", "--max-time", "5", $"http://{LabWorld.Service}/;csv");
        return csv.ExitCode == 0 ? StatsTable.Parse(csv.Output) : null;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_world.Folder, name);
        File.WriteAllText(path, text + "\n");
        return path;
    }

    /// <summary>A framework-dependent program looks for the runtime that runs these tests.</summary>
    internal static string? DotnetRoot() => Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location))));
}
