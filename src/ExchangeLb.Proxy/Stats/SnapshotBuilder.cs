using System;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Control;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Reload;

namespace ExchangeLb.Proxy.Stats;

/// <summary>
/// Copies what the interfaces show. Building is allowed to every thread: what loops write meanwhile may be a little old.
/// Sampling, clearing and going on with another configuration belong to the control thread.
/// </summary>
internal sealed class SnapshotBuilder(
    LoadBalancerOptions options, ProcessState process, Accounts first, ReloadHistory reloads, Func<long> droppedLogs)
{
    private readonly RateMeter _connections = new();
    private readonly IdleMeter _idle = new(process.Loops);
    private readonly long _startedMs = LoopClock.NowMs();
    private volatile Accounts _accounts = first;

    /// <summary>Those of the configuration at work.</summary>
    public Accounts Accounts
    {
        get => _accounts;
        set => _accounts = value;
    }

    public LoadBalancerSnapshot Build(bool stopping)
    {
        Accounts accounts = _accounts;
        return new LoadBalancerSnapshot(
            BuildProcess(accounts, stopping), [.. accounts.Proxies.Model.Proxies.Select(proxy => BuildProxy(accounts, proxy))]);
    }

    /// <summary>The backend's number of usable servers has changed.</summary>
    public void NoteAvailability(BackendState backend, long nowMs) => _accounts.AvailabilityOf(backend)?.Note(nowMs);

    public void SampleRates(long nowMs)
    {
        _accounts.Sample(nowMs);
        _connections.Sample(_accounts.ConnectionsEver, nowMs);
        _idle.Sample();
    }

    public bool Clear(bool all)
    {
        _accounts.Clear(all);
        process.Connections.ForgetMax();
        _connections.ForgetMax();
        return true;
    }

    private ProcessSnapshot BuildProcess(Accounts accounts, bool stopping) => new()
    {
        Version = options.Version,
        Pid = Environment.ProcessId,
        ThreadCount = process.Loops.Length,
        Uptime = TimeSpan.FromMilliseconds(LoopClock.NowMs() - _startedMs),
        Node = accounts.Proxies.Model.Global.Node ?? Environment.MachineName,
        Description = accounts.Proxies.Model.Global.Description ?? "",
        DescriptorLimit = (long)Math.Min(DescriptorLimit.Read().Soft, long.MaxValue),
        MaxConn = process.MaxConn,
        CurrentConnections = process.Connections.Current,
        MaxConnectionsSeen = process.Connections.Max,
        TotalConnections = accounts.ConnectionsEver,
        ConnectionRate = _connections.Rate,
        MaxConnectionRate = _connections.Max,
        BytesOutTotal = accounts.BytesOutEver,
        AcceptPausesTotal = process.Loops.Sum(loop => loop.Listeners.PausesTotal),
        ServerPortsExhaustedTotal = process.Loops.Sum(loop => loop.ServerSide.ExhaustedTotal),
        DroppedLogs = droppedLogs(),
        IdlePercent = _idle.Percent,
        Stopping = stopping,
        PipesUsed = process.Loops.Sum(loop => loop.Pipes.Total - loop.Pipes.Kept),
        PipesFree = process.Loops.Sum(loop => loop.Pipes.Kept),
        ReloadsTotal = reloads.Total,
        LastReload = reloads.Last,
    };

    private static ProxySnapshot BuildProxy(Accounts accounts, ProxyModel proxy)
    {
        RunningProxies proxies = accounts.Proxies;
        FrontendPlan? frontend = proxy.Frontend is null ? null : proxies.FindFrontend(proxy);
        BackendPlan? backend = proxy.Backend is { Disabled: false } model ? proxies.FindBackend(model.Name) : null;
        StickTable? table = backend?.Model.StickTable is { } stick ? proxies.Tables[stick.Name] : null;
        return new ProxySnapshot(proxy)
        {
            Frontend = frontend is null ? null : accounts[frontend.State].Snapshot(frontend),
            Servers = backend is null ? [] : [.. backend.Servers.Select((server, i) => BuildServer(accounts, server, backend.Model.Servers[i]))],
            Backend = backend is null ? null : BuildBackend(accounts, proxy, backend),
            StickTable = table is null ? null : new StickTableSnapshot(table.Model, table.Used),
        };
    }

    private static BackendSnapshot BuildBackend(Accounts all, ProxyModel proxy, BackendPlan plan)
    {
        BackendState backend = plan.State;
        (RowAccounts accounts, BackendAvailability availability) = all[backend];
        ServerSideTotals totals = accounts.Totals;
        UsableServers usable = backend.CountUsable();
        long nowMs = LoopClock.NowMs();
        return new BackendSnapshot
        {
            Up = !usable.None || (plan.Servers.Length == 0 && proxy.Stats is not null),
            Traffic = WithPageBytes(all, proxy, accounts.Traffic(totals)),
            SessionLimit = plan.FullLoad,
            Queued = backend.Queued,
            MaxQueued = backend.MaxQueued,
            Weight = backend.TotalWeight,
            ActiveServers = usable.Active,
            BackupServers = usable.Backup,
            ConnectionErrors = totals.ConnectErrors,
            ResponseErrors = totals.ResponseErrors,
            Retries = totals.Retries,
            Redispatches = totals.Redispatches,
            DownTransitions = availability.DownTransitions,
            SinceChange = TimeSpan.FromMilliseconds(nowMs - availability.ChangedMs),
            Downtime = TimeSpan.FromMilliseconds(availability.DownMs(nowMs)),
            SelectedTotal = totals.Selected,
            SinceLastSession = Since(accounts.LastSessionMs, nowMs),
            ClientAborts = totals.ClientAborts,
            ServerAborts = totals.ServerAborts,
            Means = accounts.Means,
            ConnectAttempts = totals.ConnectAttempts,
        };
    }

    /// <summary>The stats page's bytes count for its backend too, though no session comes there (as with HAProxy).</summary>
    private static TrafficSnapshot WithPageBytes(Accounts all, ProxyModel proxy, TrafficSnapshot traffic) =>
        proxy.Stats is not null && all.Proxies.FindFrontend(proxy)?.State is { } frontend
            ? traffic with
            {
                BytesIn = traffic.BytesIn + frontend.RequestBytesIn,
                BytesOut = traffic.BytesOut + frontend.RequestBytesOut,
            }
            : traffic;

    private static ServerSnapshot BuildServer(Accounts all, ServerState server, ServerModel model)
    {
        (RowAccounts accounts, ServerControl control) = all[server];
        ServerSideTotals totals = accounts.Totals;
        long nowMs = LoopClock.NowMs();
        bool down = server.Health == ServerHealth.Down || server.Admin == ServerAdminState.Maintenance;
        long changedMs = control.ChangedMs;
        return new ServerSnapshot(model)
        {
            Admin = server.Admin,
            Health = server.Health,
            ContraryChecks = control.ContraryChecks,
            Weight = server.Weight,
            InitialWeight = model.Weight,
            Traffic = accounts.Traffic(totals),
            Queued = server.Backend.QueuedAt(server),
            MaxQueued = server.MaxQueued,
            ConnectionErrors = totals.ConnectErrors,
            ResponseErrors = totals.ResponseErrors,
            Retries = totals.Retries,
            Redispatches = totals.Redispatches,
            CheckFailures = control.CheckFailures,
            DownTransitions = control.DownTransitions,
            SinceChange = TimeSpan.FromMilliseconds(nowMs - changedMs),
            Downtime = TimeSpan.FromMilliseconds(control.DownMs + (down ? nowMs - changedMs : 0)),
            SelectedTotal = totals.Selected,
            SinceLastSession = Since(accounts.LastSessionMs, nowMs),
            Check = control.Check,
            ClientAborts = totals.ClientAborts,
            ServerAborts = totals.ServerAborts,
            Means = accounts.Means,
            ConnectAttempts = totals.ConnectAttempts,
            Address = model.PortIsOffset ? null : new IPEndPoint(model.Address, model.Port),
        };
    }

    private static TimeSpan? Since(long thenMs, long nowMs) => thenMs == 0 ? null : TimeSpan.FromMilliseconds(nowMs - thenMs);
}
