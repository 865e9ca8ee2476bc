using System;
using System.Collections.Generic;
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

namespace ExchangeLb.Proxy.Stats;

/// <summary>
/// Copies what the interfaces show. Building is allowed to every thread: what loops write meanwhile may be a little old.
/// Sampling and clearing belong to the control thread.
/// </summary>
internal sealed class SnapshotBuilder
{
    private readonly LoadBalancerModel _model;
    private readonly LoadBalancerOptions _options;
    private readonly ProcessState _process;
    private readonly RunningProxies _proxies;
    private readonly ServerControls _servers;
    private readonly Func<long> _droppedLogs;
    private readonly Dictionary<FrontendState, FrontendAccounts> _frontends = [];
    private readonly Dictionary<BackendState, RowAccounts> _backends = [];
    private readonly Dictionary<BackendState, BackendAvailability> _availability = [];
    private readonly Dictionary<ServerState, RowAccounts> _rows = [];
    private readonly RateMeter _connections = new();
    private readonly IdleMeter _idle;
    private readonly long _startedMs = LoopClock.NowMs();

    public SnapshotBuilder(
        LoadBalancerModel model, LoadBalancerOptions options, ProcessState process, RunningProxies proxies, ServerControls servers,
        Func<long> droppedLogs)
    {
        _model = model;
        _options = options;
        _process = process;
        _proxies = proxies;
        _servers = servers;
        _droppedLogs = droppedLogs;
        _idle = new IdleMeter(process.Loops);
        foreach (FrontendState frontend in proxies.Frontends)
        {
            _frontends.Add(frontend, new FrontendAccounts(frontend));
        }
        foreach (BackendState backend in proxies.Backends)
        {
            _backends.Add(backend, new RowAccounts(backend.Counters, backend.Sessions));
            _availability.Add(backend, new BackendAvailability(backend, _startedMs));
            foreach (ServerState server in backend.Servers)
            {
                _rows.Add(server, new RowAccounts(server.Counters, server.Sessions));
            }
        }
    }

    public LoadBalancerSnapshot Build(bool stopping) =>
        new(BuildProcess(stopping), [.. _model.Proxies.Select(BuildProxy)]);

    public long ConnectionsOf(FrontendState frontend) => _frontends[frontend].ConnectionsEver;

    /// <summary>Sessions that a backend ever had; 0 when there is none of that name.</summary>
    public long SessionsOf(string backend) =>
        _proxies.FindBackend(backend) is { } found ? ServerSideTotals.Of(found.Counters).Sessions : 0;

    /// <summary>The backend's number of usable servers has changed.</summary>
    public void NoteAvailability(BackendState backend, long nowMs) => _availability[backend].Note(nowMs);

    public void SampleRates(long nowMs)
    {
        long connections = 0;
        foreach (FrontendAccounts frontend in _frontends.Values)
        {
            frontend.Sample(nowMs);
            connections += frontend.ConnectionsEver;
        }
        foreach (RowAccounts row in _backends.Values.Concat(_rows.Values))
        {
            row.Sample(nowMs);
        }
        _connections.Sample(connections, nowMs);
        _idle.Sample();
    }

    public bool Clear(bool all)
    {
        foreach (FrontendAccounts frontend in _frontends.Values)
        {
            frontend.Clear(all);
        }
        foreach (RowAccounts row in _backends.Values.Concat(_rows.Values))
        {
            row.Clear(all);
        }
        foreach (BackendState backend in _proxies.Backends)
        {
            backend.ForgetMaxima();
        }
        _process.Connections.ForgetMax();
        _connections.ForgetMax();
        return true;
    }

    private ProcessSnapshot BuildProcess(bool stopping) => new()
    {
        Version = _options.Version,
        Pid = Environment.ProcessId,
        ThreadCount = _process.Loops.Length,
        Uptime = TimeSpan.FromMilliseconds(LoopClock.NowMs() - _startedMs),
        Node = _model.Global.Node ?? Environment.MachineName,
        Description = _model.Global.Description ?? "",
        DescriptorLimit = (long)Math.Min(DescriptorLimit.Read().Soft, long.MaxValue),
        MaxConn = _process.MaxConn,
        CurrentConnections = _process.Connections.Current,
        MaxConnectionsSeen = _process.Connections.Max,
        TotalConnections = _frontends.Values.Sum(frontend => frontend.ConnectionsEver),
        ConnectionRate = _connections.Rate,
        MaxConnectionRate = _connections.Max,
        BytesOutTotal = _proxies.Frontends.Sum(frontend => frontend.RequestBytesOut + frontend.Counters.Sum(loop => loop.BytesOut)),
        AcceptPausesTotal = _process.Loops.Sum(loop => loop.Listeners.PausesTotal),
        DroppedLogs = _droppedLogs(),
        IdlePercent = _idle.Percent,
        Stopping = stopping,
        PipesUsed = _process.Loops.Sum(loop => loop.Pipes.Total - loop.Pipes.Kept),
        PipesFree = _process.Loops.Sum(loop => loop.Pipes.Kept),
    };

    private ProxySnapshot BuildProxy(ProxyModel proxy)
    {
        FrontendState? frontend = proxy.Frontend is null ? null : _proxies.FindFrontend(proxy);
        BackendState? backend = proxy.Backend is { Disabled: false } model ? _proxies.FindBackend(model.Name) : null;
        StickTable? table = backend?.Model.StickTable is { } stick ? _proxies.Tables[stick.Name] : null;
        return new ProxySnapshot(proxy)
        {
            Frontend = frontend is null ? null : _frontends[frontend].Snapshot(),
            Servers = backend is null ? [] : [.. backend.Servers.Select(BuildServer)],
            Backend = backend is null ? null : BuildBackend(proxy, backend),
            StickTable = table is null ? null : new StickTableSnapshot(table.Model, table.Used),
        };
    }

    private BackendSnapshot BuildBackend(ProxyModel proxy, BackendState backend)
    {
        RowAccounts accounts = _backends[backend];
        ServerSideTotals totals = accounts.Totals;
        UsableServers usable = backend.CountUsable();
        BackendAvailability availability = _availability[backend];
        long nowMs = LoopClock.NowMs();
        return new BackendSnapshot
        {
            Up = !usable.None || (backend.Servers.Length == 0 && proxy.Stats is not null),
            Traffic = WithPageBytes(proxy, accounts.Traffic(totals)),
            SessionLimit = backend.FullLoad,
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
    private TrafficSnapshot WithPageBytes(ProxyModel proxy, TrafficSnapshot traffic) =>
        proxy.Stats is not null && _proxies.FindFrontend(proxy) is { } frontend
            ? traffic with
            {
                BytesIn = traffic.BytesIn + frontend.RequestBytesIn,
                BytesOut = traffic.BytesOut + frontend.RequestBytesOut,
            }
            : traffic;

    private ServerSnapshot BuildServer(ServerState server)
    {
        RowAccounts accounts = _rows[server];
        ServerSideTotals totals = accounts.Totals;
        ServerControl control = _servers[server];
        long nowMs = LoopClock.NowMs();
        bool down = server.Health == ServerHealth.Down || server.Admin == ServerAdminState.Maintenance;
        long changedMs = control.ChangedMs;
        return new ServerSnapshot(server.Model)
        {
            Admin = server.Admin,
            Health = server.Health,
            ContraryChecks = control.ContraryChecks,
            Weight = server.Weight,
            InitialWeight = server.Model.Weight,
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
            Address = server.Model.PortIsOffset ? null : new IPEndPoint(server.Model.Address, server.Model.Port),
        };
    }

    private static TimeSpan? Since(long thenMs, long nowMs) => thenMs == 0 ? null : TimeSpan.FromMilliseconds(nowMs - thenMs);
}
