using System;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>
/// `show info`: names and order of HAProxy 2.6. What belongs to TLS, compression, rate limits and peers is 0 because none
/// happens here; what we have no fact for (memory pools, splice rates) is left out.
/// </summary>
internal static class ShowInfo
{
    private static readonly ImmutableArray<Row> Rows =
    [
        new("Name", _ => "ExchangeLb"),
        new("Version", facts => facts.Process.Version),
        new("Release_date", _ => ReleaseDate()),
        new("Nbthread", facts => facts.Process.ThreadCount),
        new("Nbproc", _ => 1),
        new("Process_num", _ => 1),
        new("Pid", facts => facts.Process.Pid),
        new("Uptime", facts => Uptime(facts.Process.Uptime)),
        new("Uptime_sec", facts => (long)facts.Process.Uptime.TotalSeconds),
        new("Memmax_MB", _ => 0),
        new("Ulimit-n", facts => facts.Process.DescriptorLimit),
        new("Maxsock", facts => facts.Process.DescriptorLimit),
        new("Maxconn", facts => facts.Process.MaxConn),
        new("Hard_maxconn", facts => facts.Process.MaxConn),
        new("CurrConns", facts => facts.Process.CurrentConnections),
        new("CumConns", facts => facts.Process.TotalConnections),
        new("CumReq", facts => facts.Process.TotalConnections),
        new("MaxSslConns", _ => 0),
        new("CurrSslConns", _ => 0),
        new("CumSslConns", _ => 0),
        new("Maxpipes", facts => facts.Process.PipesUsed + facts.Process.PipesFree),
        new("PipesUsed", facts => facts.Process.PipesUsed),
        new("PipesFree", facts => facts.Process.PipesFree),
        new("ConnRate", facts => facts.Process.ConnectionRate),
        new("ConnRateLimit", _ => 0),
        new("MaxConnRate", facts => facts.Process.MaxConnectionRate),
        new("SessRate", facts => facts.Process.ConnectionRate),
        new("SessRateLimit", _ => 0),
        new("MaxSessRate", facts => facts.Process.MaxConnectionRate),
        new("SslRate", _ => 0),
        new("SslRateLimit", _ => 0),
        new("MaxSslRate", _ => 0),
        new("SslFrontendKeyRate", _ => 0),
        new("SslFrontendMaxKeyRate", _ => 0),
        new("SslFrontendSessionReuse_pct", _ => 0),
        new("SslBackendKeyRate", _ => 0),
        new("SslBackendMaxKeyRate", _ => 0),
        new("SslCacheLookups", _ => 0),
        new("SslCacheMisses", _ => 0),
        new("CompressBpsIn", _ => 0),
        new("CompressBpsOut", _ => 0),
        new("CompressBpsRateLim", _ => 0),
        new("Tasks", facts => facts.Jobs),
        new("Run_queue", _ => 0),
        new("Idle_pct", facts => facts.Process.IdlePercent),
        new("node", facts => facts.Process.Node),
        new("description", facts => facts.Process.Description is { Length: > 0 } text ? text : null),
        new("Stopping", facts => facts.Process.Stopping ? 1 : 0),
        new("Jobs", facts => facts.Jobs),
        new("Unstoppable Jobs", _ => 0),
        new("Listeners", facts => facts.Listeners),
        new("ActivePeers", _ => 0),
        new("ConnectedPeers", _ => 0),
        new("DroppedLogs", facts => facts.Process.DroppedLogs),
        new("BusyPolling", _ => 0),
        new("FailedResolutions", _ => 0),
        new("TotalBytesOut", facts => facts.Process.BytesOutTotal),
        new("DebugCommandsIssued", _ => 0),
        new("CumRecvLogs", _ => 0),
        new("Build info", facts => facts.Process.Version),
        new("Memmax_bytes", _ => 0),
        new("Start_time_sec", facts => (facts.Now - facts.Process.Uptime).ToUnixTimeSeconds()),
        new("Tainted", _ => 0),

        // Ours: times that accepting paused for want of descriptors or memory.
        new("AcceptPauses", facts => facts.Process.AcceptPausesTotal),
        new("ServerPortsExhausted", facts => facts.Process.ServerPortsExhaustedTotal),
    ];

    public static void Version(CommandCall call) => call.Say(call.Runtime.Snapshot().Process.Version);

    public static void Backends(CommandCall call)
    {
        call.Say("# name");
        foreach (ProxySnapshot proxy in call.Runtime.Snapshot().Proxies.Where(proxy => proxy.Backend is not null))
        {
            call.Say(proxy.Model.Name);
        }
    }

    public static void Write(CommandCall call)
    {
        if (call.Argument(0) is "json" or "typed" or "desc")
        {
            call.Say($"'show info {call.Argument(0)}' is not supported by ExchangeLb.");
            return;
        }
        LoadBalancerSnapshot snapshot = call.Runtime.Snapshot();
        var facts = new Facts(snapshot.Process, snapshot.Proxies.Sum(proxy => proxy.Frontend?.Addresses.Length ?? 0), call.Time.GetUtcNow());
        foreach (Row row in Rows)
        {
            if (row.Value(facts) is { } value)
            {
                call.Say(string.Create(CultureInfo.InvariantCulture, $"{row.Name}: {value}"));
            }
        }
    }

    /// <summary>HAProxy's form: "0d 0h00m01s".</summary>
    private static string Uptime(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalDays}d {time.Hours}h{time.Minutes:00}m{time.Seconds:00}s");

    /// <summary>The date of the program's file, which a package sets; hatop insists on one.</summary>
    private static string ReleaseDate()
    {
        DateTime written = Environment.ProcessPath is { } path ? File.GetLastWriteTimeUtc(path) : DateTime.UnixEpoch;
        return written.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture);
    }

    /// <param name="Value">Null: the row is left out, as HAProxy does where there is no description.</param>
    private sealed record Row(string Name, Func<Facts, object?> Value);

    /// <summary>What rows are made of.</summary>
    private sealed record Facts(ProcessSnapshot Process, int Listeners, DateTimeOffset Now)
    {
        /// <summary>What keeps the process busy: connections and listeners.</summary>
        public long Jobs => Process.CurrentConnections + Listeners;
    }
}
