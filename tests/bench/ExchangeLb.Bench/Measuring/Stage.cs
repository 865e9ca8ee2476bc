using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Proxies;
using ExchangeLb.Bench.Traffic;

namespace ExchangeLb.Bench.Measuring;

/// <summary>What one load through one proxy gave.</summary>
/// <param name="CpuPerUnit">Seconds of the proxy, user and system.</param>
internal sealed record Measured(LoadResult Load, double CpuPerUnit);

/// <summary>
/// CPU seconds a second while the last load ran. Where the proxy's is not near its number of threads, something else was the bottleneck, and
/// only the CPU ratio can tell the proxies apart, not the rate.
/// </summary>
internal readonly record struct Busy(double Proxy, double ClientAndBackend);

/// <summary>
/// Proxies, backends and log receivers for one number of threads. With one thread the proxies have CPU 0 and all else CPU 1; with more,
/// nothing is pinned. Made, used and disposed by one thread, which is also the client.
/// </summary>
internal sealed class Stage : IDisposable
{
    private static readonly TimeSpan LogLimit = TimeSpan.FromSeconds(3);
    private readonly BackendServer _backend;
    private readonly LogSink _log;
    private readonly Nginx? _nginx;
    private readonly List<ProxyProcess> _proxies = [];
    private readonly bool _pinned;

    internal Stage(IReadOnlyList<ProxyPlan> plans)
    {
        _pinned = plans[0].Threads == 1;
        TakePlace();
        _backend = new BackendServer(plans.SelectMany(plan => plan.BackendPorts));
        _log = new LogSink(plans.Select(plan => plan.LogPort));
        try
        {
            if (plans[0].WithWeb) { _nginx = new Nginx(plans[0].Directory); }
            foreach (var plan in plans) { _proxies.Add(new ProxyProcess(plan, _pinned ? 0 : null, TakePlace)); }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal IReadOnlyList<ProxyProcess> Proxies => _proxies;

    internal Busy LastBusy { get; private set; }

    /// <summary>
    /// Runs a load and takes the proxy's CPU time from before the first connect until the log line of the last session is here, so that work
    /// put off until after the answers counts.
    /// </summary>
    internal Measured Measure(ProxyProcess proxy, Func<int, LoadResult> load)
    {
        var port = proxy.Plan.LogPort;
        var linesBefore = _log.LinesAt(port);
        var before = proxy.CpuTime;
        var ownBefore = Cpu.OfProcess(Environment.ProcessId);
        var result = load(proxy.Plan.Port);
        var busy = (proxy.CpuTime - before, Cpu.OfProcess(Environment.ProcessId) - ownBefore);
        var lines = _log.WaitFor(port, linesBefore + result.Sessions, LogLimit) - linesBefore;
        var used = proxy.CpuTime - before;
        if (lines < result.Sessions) { throw new BrokenRunException($"{result.Sessions} sessions, but {lines} lines in the traffic log"); }
        LastBusy = new Busy(busy.Item1 / result.Elapsed, busy.Item2 / result.Elapsed);
        return new Measured(result, used.TotalSeconds / result.Units);
    }

    public void Dispose()
    {
        _proxies.ForEach(proxy => proxy.Dispose());
        _nginx?.Dispose();
        _backend.Dispose();
        _log.Dispose();
        Cpu.UnpinThread();
    }

    private void TakePlace()
    {
        if (_pinned) { Cpu.PinThread(1); }
        else { Cpu.UnpinThread(); }
    }
}
