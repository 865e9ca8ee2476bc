using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using ExchangeLb.Core.Text;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Control;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Logging;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Replication;
using ExchangeLb.Proxy.Sessions;
using ExchangeLb.Proxy.Stats;

namespace ExchangeLb.Proxy;

/// <summary>
/// One configuration at work: its listeners, loops, checks and tables. Use: (1) construct; (2) <see cref="Open"/>, which says what
/// the host refuses; (3) <see cref="Start"/>; (4) <see cref="StopSoftly"/> or <see cref="Stop"/>; (5) <see cref="Completion"/>.
/// </summary>
public sealed class LoadBalancer : ILoadBalancerRuntime, IDisposable
{
    /// <summary>Expired stick entries dropped at once, so that the table's lock is never held for long.</summary>
    private const int SweepAtOnce = 1000;
    private const int SweepEveryMs = 1000;
    private readonly LoadBalancerModel _model;
    private readonly Action<Diagnostic>? _report;
    private readonly IReadOnlySet<IPAddress> _freeBind;
    private readonly ProcessState _process;
    private readonly ControlLoop _control = new();
    private readonly StateLog _stateLog;
    private readonly RunningProxies _proxies;
    private readonly EventLoop[] _loops;
    private readonly TrafficLog[] _logs;
    private readonly List<Listener> _listeners = [];
    private readonly ServerControls _servers;
    private readonly SnapshotBuilder _snapshots;
    private readonly ReplicatedState _replicated;
    private readonly ServerCommands _commands;
    private readonly TableCommands _tables;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loopsRunning;
    private int _stopping;
    private volatile bool _stoppedSoftly;

    public LoadBalancer(LoadBalancerModel model, LoadBalancerOptions options, IStatsConnections stats)
    {
        _model = model;
        _report = options.Report;
        _freeBind = options.FreeBind;
        int threads = options.ThreadCount > 0 ? options.ThreadCount : Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(model.Global.MaxConn, 1, "maxconn");
        int maxConn = model.Global.MaxConn;
        _process = new ProcessState(maxConn, stats);
        _proxies = new RunningProxies(model, _process, threads, maxConn);
        int pid = Environment.ProcessId;
        _stateLog = new StateLog(model.Global, pid);
        _process.StatsLog = new StatsLog(model.Global, pid, _proxies.Frontends, _process);
        _logs = new TrafficLog[threads];
        _loops = new EventLoop[threads];
        for (int i = 0; i < threads; i++)
        {
            _logs[i] = new TrafficLog(model.Global, pid, _proxies.Frontends, _process);
            _loops[i] = new EventLoop(i, _process, _logs[i]);
            _loops[i].Ended += OnLoopEnded;
        }
        _process.Loops = [.. _loops];
        var context = new ServerControlContext(
            _control, new Random(KernelRandom.NextInt32()), model.Global.SpreadChecksPercent,
            (backend, line) => WriteState(backend.Model.LogTargets, line), Tell, OnBackendChanged);
        _servers = new ServerControls(_proxies, context);
        _snapshots = new SnapshotBuilder(model, options, _process, _proxies, _servers, DroppedLogs);
        _replicated = new ReplicatedState(_servers, _control);
        _replicated.Follow(_proxies);
        _commands = new ServerCommands(_servers, _control, _replicated);
        _tables = new TableCommands(_proxies);
    }

    /// <summary>All sessions have ended after <see cref="StopSoftly"/> or <see cref="Stop"/>.</summary>
    public Task Completion => _completion.Task;

    /// <summary>What a cluster keeps equal between its nodes.</summary>
    public IReplicatedState Replicated => _replicated;

    /// <summary>Opens all listeners. Alerts mean that the load balancer must not be started; nothing is left open then.</summary>
    public ImmutableArray<Diagnostic> Open()
    {
        var problems = new DiagnosticList();
        foreach (FrontendState frontend in _proxies.Frontends)
        {
            foreach (BindModel bind in frontend.Model.Binds)
            {
                OpenOnAllLoops(frontend, bind, problems);
            }
        }
        if (problems.HasAlerts)
        {
            CloseListeners();
        }
        return [.. problems.Items];
    }

    public void Start()
    {
        _loopsRunning = _loops.Length;
        _listeners.Clear();
        foreach (EventLoop loop in _loops)
        {
            loop.Start();
        }
        _control.Post(_servers.StartChecks);
        _control.Post(EverySecond);
        _control.Start();
    }

    /// <summary>Closes the listeners and lets the sessions end by themselves.</summary>
    public void StopSoftly()
    {
        _stoppedSoftly = true;
        TellToStop(new LoopMessage.StopSoftly());
        if (_model.Global.HardStopAfter is { } longest)
        {
            _control.Post(() => _control.At(_control.NowMs + (long)longest.TotalMilliseconds, Stop));
        }
    }

    /// <summary>Closes listeners and sessions.</summary>
    public void Stop() => TellToStop(new LoopMessage.StopNow());

    public LoadBalancerSnapshot Snapshot() => _snapshots.Build(Volatile.Read(ref _stopping) != 0);

    public CommandResult SetServerState(string backend, string server, ServerAdminState state) =>
        _commands.SetServerState(backend, server, state);

    public CommandResult SetServerHealth(string backend, string server, ServerHealth health) =>
        _commands.SetServerHealth(backend, server, health);

    public CommandResult SetServerWeight(string backend, string server, int weight, bool percent) =>
        _commands.SetServerWeight(backend, server, weight, percent);

    public CommandResult SetServerChecks(string backend, string server, bool enabled) =>
        _commands.SetServerChecks(backend, server, enabled);

    public StickTableContent? ReadStickTable(string table) => _tables.Read(table);

    public StickEntrySnapshot? FindStickEntry(string table, IPAddress key) => _tables.Find(table, key);

    public CommandResult ClearStickTable(string table, IPAddress? key, int serverId) => _tables.Clear(table, key, serverId);

    public void ClearCounters(bool all) => _control.Ask(() => _snapshots.Clear(all), true);

    /// <summary>A way to tell whether the loops turn. Each belongs to the thread that nudges with it.</summary>
    public LoopHeartbeat MakeHeartbeat() => new(_process.Loops);

    /// <summary>
    /// Counts the sessions that clients of these addresses of ours began less than so many milliseconds ago and that live. From any
    /// thread, and waits for none: the answer is in the result soon. Connections to statistics pages are not counted.
    /// </summary>
    public YoungSessions CountYoung(IEnumerable<IPAddress> localAddresses, int youngerThanMs)
    {
        var young = new YoungSessions(_loops.Length);
        var message = new LoopMessage.CountYoung(young, new LocalAddresses(localAddresses), youngerThanMs);
        foreach (EventLoop loop in _loops)
        {
            if (!loop.Post(message))
            {
                young.Add(0);       // the loop has ended: it has no sessions
            }
        }
        return young;
    }

    /// <summary>
    /// Ends all sessions of clients that came to this address of ours, for it has moved to another node: their servers are freed, and
    /// the log says `K`. From any thread; the loops begin with it in their next turn.
    /// </summary>
    public void CutSessions(IPAddress localAddress) => Tell(new LoopMessage.CutSessions(new LocalAddresses([localAddress]), From: 0));

    /// <summary>Closes what is still open. Sessions are cut.</summary>
    public void Dispose()
    {
        if (_loopsRunning > 0)
        {
            Stop();
            _completion.Task.Wait(TimeSpan.FromSeconds(5));
        }
        _control.Dispose();
        foreach (EventLoop loop in _loops)
        {
            loop.Dispose();
        }
        foreach (TrafficLog log in _logs)
        {
            log.Dispose();
        }
        _process.StatsLog?.Dispose();
        _stateLog.Dispose();
    }

    private void OpenOnAllLoops(FrontendState frontend, BindModel bind, DiagnosticList problems)
    {
        var shared = new BindState();
        foreach (EventLoop loop in _loops)
        {
            int fd = ListenSocket.TryOpen(bind, frontend.Model, _freeBind, out string? problem);
            if (fd < 0)
            {
                problems.Alert(null, $"Binding [{bind.Place}] for {Kind(frontend)} {frontend.Model.Name}: {problem} {ListenSocket.Describe(bind)}");
                return;
            }
            var listener = new Listener(frontend, bind, shared, fd, ownsDescriptor: bind.Descriptor < 0 || loop.Index == 0);
            _listeners.Add(listener);
            SysResult added = loop.Listeners.Add(listener);
            if (added.Failed)
            {
                problems.Alert(null, $"Binding [{bind.Place}] for {Kind(frontend)} {frontend.Model.Name}: {added.Describe()} {ListenSocket.Describe(bind)}");
                return;
            }
        }
    }

    private static string Kind(FrontendState frontend) => frontend.Proxy.Kind == ProxyKind.Listen ? "proxy" : "frontend";

    private void CloseListeners()
    {
        foreach (Listener listener in _listeners)
        {
            if (listener.OwnsDescriptor)
            {
                Descriptor.Close(listener.Fd);
            }
        }
        _listeners.Clear();
    }

    private void TellToStop(LoopMessage message)
    {
        bool first = Interlocked.Exchange(ref _stopping, 1) == 0;
        if (_loopsRunning == 0)
        {
            CloseListeners();       // none is left in the list once loops were started: they close theirs
            _completion.TrySetResult();
            return;
        }
        if (first)
        {
            _control.Post(() => _servers.StopChecks());
            foreach (FrontendState frontend in _proxies.Frontends)
            {
                frontend.Stopped = true;
            }
        }
        Tell(message);
    }

    private void OnLoopEnded(EventLoop loop)
    {
        if (Interlocked.Decrement(ref _loopsRunning) > 0)
        {
            return;
        }
        foreach (FrontendState frontend in _stoppedSoftly ? _proxies.Frontends : [])
        {
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"Proxy {frontend.Model.Name} stopped (cumulated conns: FE: {_snapshots.ConnectionsOf(frontend)}, BE: {_snapshots.SessionsOf(frontend.Model.Name)}).");
            Say(frontend.Model.LogTargets, line, LogLevel.Warning);
        }
        if (!_control.Post(() => _completion.TrySetResult()))
        {
            _completion.TrySetResult();
        }
    }

    private void Say(ImmutableArray<LogTargetModel> targets, string text, LogLevel level = LogLevel.Notice) =>
        _control.Post(() => WriteState(targets, new StateLine(level, text)));

    private void WriteState(ImmutableArray<LogTargetModel> targets, StateLine line)
    {
        _stateLog.Write(targets, line, _control.UnixMs);
        Severity severity = line.Level == LogLevel.Emerg ? Severity.Alert : Severity.Warning;
        _report?.Invoke(new Diagnostic(severity, null, line.Text));
    }

    private void Tell(LoopMessage message)
    {
        foreach (EventLoop loop in _loops)
        {
            loop.Post(message);
        }
    }

    private void OnBackendChanged(BackendState backend)
    {
        _proxies.NoteUsable(backend);
        _snapshots.NoteAvailability(backend, _control.NowMs);
    }

    private void EverySecond()
    {
        _snapshots.SampleRates(_control.NowMs);
        foreach (StickTable table in _proxies.Tables.Values)
        {
            while (table.Sweep(_control.NowMs, SweepAtOnce) == SweepAtOnce)
            {
                // more has expired: the lock is free between two slices
            }
        }
        _control.At(_control.NowMs + SweepEveryMs, EverySecond);
    }

    private long DroppedLogs()
    {
        long total = _stateLog.DroppedTotal + _process.StatsLog!.DroppedTotal;
        foreach (TrafficLog log in _logs)
        {
            total += log.DroppedTotal;
        }
        return total;
    }
}
