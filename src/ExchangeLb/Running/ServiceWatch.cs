using System;
using System.Globalization;
using System.Threading;
using ExchangeLb.Clustering;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Running;

/// <summary>
/// Beats for systemd, where it started us: four times in the time that the unit's WatchdogSec= allows, so that one beat that is late costs nothing. A
/// loop, or the lease thread, that hangs leaves the watchdog hungry, and systemd starts the service again.
/// </summary>
internal sealed class ServiceWatch : IDisposable
{
    private const int BeatsPerLimit = 4;
    private static readonly TimeSpan WithoutWatchdog = TimeSpan.FromSeconds(5);

    private readonly ManualResetEventSlim _end = new();
    private readonly Thread? _thread;

    public ServiceWatch(LoadBalancer balancer, ClusterNode? node)
    {
        if (!Systemd.IsThere)
        {
            return;
        }
        LoopHeartbeat loops = balancer.MakeHeartbeat();
        TimeSpan? limit = Limit();
        Func<bool> turns = () => (loops.Nudge() <= 1) & (node?.LeaseTurns() ?? true);
        ServiceBeat beat = new(limit is null ? null : turns, () => node?.Summary() ?? "serving", Systemd.Tell);
        TimeSpan every = limit / BeatsPerLimit ?? WithoutWatchdog;
        _thread = new Thread(() => Run(beat, every)) { Name = "service-watch", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Set();
        _thread?.Join();
        _end.Dispose();
    }

    /// <summary>$WATCHDOG_USEC, which is for one process (sd_watchdog_enabled(3)).</summary>
    private static TimeSpan? Limit()
    {
        string? pid = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        bool ours = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return ours && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long limit) && limit > 0
            ? TimeSpan.FromMicroseconds(limit)
            : null;
    }

    private void Run(ServiceBeat beat, TimeSpan every)
    {
        do
        {
            beat.Tick();
        }
        while (!_end.Wait(every));
    }
}
