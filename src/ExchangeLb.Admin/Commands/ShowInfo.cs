using System;
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
        ProcessSnapshot process = snapshot.Process;
        int listeners = snapshot.Proxies.Sum(proxy => proxy.Frontend?.Addresses.Length ?? 0);
        ReadOnlySpan<(string Name, object Value)> facts =
        [
            ("Name", "ExchangeLb"),
            ("Version", process.Version),
            ("Release_date", ReleaseDate()),
            ("Nbthread", process.ThreadCount),
            ("Nbproc", 1),
            ("Process_num", 1),
            ("Pid", process.Pid),
            ("Uptime", Uptime(process.Uptime)),
            ("Uptime_sec", (long)process.Uptime.TotalSeconds),
            ("Memmax_MB", 0),
            ("Ulimit-n", process.DescriptorLimit),
            ("Maxsock", process.DescriptorLimit),
            ("Maxconn", process.MaxConn),
            ("Hard_maxconn", process.MaxConn),
            ("CurrConns", process.CurrentConnections),
            ("CumConns", process.TotalConnections),
            ("CumReq", process.TotalConnections),
            ("MaxSslConns", 0),
            ("CurrSslConns", 0),
            ("CumSslConns", 0),
            ("Maxpipes", process.PipesUsed + process.PipesFree),
            ("PipesUsed", process.PipesUsed),
            ("PipesFree", process.PipesFree),
            ("ConnRate", process.ConnectionRate),
            ("ConnRateLimit", 0),
            ("MaxConnRate", process.MaxConnectionRate),
            ("SessRate", process.ConnectionRate),
            ("SessRateLimit", 0),
            ("MaxSessRate", process.MaxConnectionRate),
            ("SslRate", 0),
            ("SslRateLimit", 0),
            ("MaxSslRate", 0),
            ("SslFrontendKeyRate", 0),
            ("SslFrontendMaxKeyRate", 0),
            ("SslFrontendSessionReuse_pct", 0),
            ("SslBackendKeyRate", 0),
            ("SslBackendMaxKeyRate", 0),
            ("SslCacheLookups", 0),
            ("SslCacheMisses", 0),
            ("CompressBpsIn", 0),
            ("CompressBpsOut", 0),
            ("CompressBpsRateLim", 0),
            ("Tasks", process.CurrentConnections + listeners),
            ("Run_queue", 0),
            ("Idle_pct", process.IdlePercent),
            ("node", process.Node),
            ("description", process.Description),
            ("Stopping", process.Stopping ? 1 : 0),
            ("Jobs", process.CurrentConnections + listeners),
            ("Unstoppable Jobs", 0),
            ("Listeners", listeners),
            ("ActivePeers", 0),
            ("ConnectedPeers", 0),
            ("DroppedLogs", process.DroppedLogs),
            ("BusyPolling", 0),
            ("FailedResolutions", 0),
            ("TotalBytesOut", process.BytesOutTotal),
            ("DebugCommandsIssued", 0),
            ("CumRecvLogs", 0),
            ("Build info", process.Version),
            ("Memmax_bytes", 0),
            ("Start_time_sec", (call.Time.GetUtcNow() - process.Uptime).ToUnixTimeSeconds()),
            ("Tainted", 0),

            // Ours: times that accepting paused for want of descriptors or memory.
            ("AcceptPauses", process.AcceptPausesTotal),
        ];
        foreach ((string name, object value) in facts)
        {
            if (name == "description" && process.Description.Length == 0)
            {
                continue;   // as in HAProxy, only when there is one
            }
            call.Say(string.Create(CultureInfo.InvariantCulture, $"{name}: {value}"));
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
}
