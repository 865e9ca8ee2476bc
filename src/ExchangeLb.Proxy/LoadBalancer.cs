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
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Control;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Logging;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Recording;
using ExchangeLb.Proxy.Reload;
using ExchangeLb.Proxy.Replication;
using ExchangeLb.Proxy.Sessions;
using ExchangeLb.Proxy.Stats;

namespace ExchangeLb.Proxy;

/// <summary>
/// A configuration at work: its listeners, loops, checks and tables. Use: (1) construct; (2) <see cref="Open"/>, which says what
/// the host refuses; (3) <see cref="Start"/>; (4) <see cref="Reload"/> as often as wanted; (5) <see cref="StopSoftly"/> or
/// <see cref="Stop"/>; (6) <see cref="Completion"/>.
/// </summary>
public sealed partial class LoadBalancer : ILoadBalancerRuntime, IDisposable
{
    /// <summary>Expired stick entries dropped at once, so that the table's lock is never held for long.</summary>
    private const int SweepAtOnce = 1000;
    private const int SweepEveryMs = 1000;
    private readonly Action<Diagnostic>? _report;
    private readonly ProcessState _process;
    private readonly ControlLoop _control = new();
    private readonly StateLog _stateLog;
    private readonly EventLoop[] _loops;
    private readonly TrafficLog[] _logs;
    private readonly SnapshotBuilder _snapshots;
    private readonly ServerControlContext _context;
    private readonly ReplicatedState _replicated;
    private readonly ServerCommands _commands;
    private readonly TableCommands _tables;
    private readonly MovableSessions _movable;
    private readonly RecordedSessions _recorded;
    private readonly ReloadHistory _reloads = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlySet<IPAddress> _freeBind;

    // Of the configuration at work. Replaced by the control thread, read by any.
    private volatile RunningProxies _proxies;
    private volatile ServerControls _servers;
    private BindSet _binds = BindSet.None;
    private int _loopsRunning;
    private int _stopping;
    private volatile bool _stoppedSoftly;

    public LoadBalancer(LoadBalancerModel model, LoadBalancerOptions options, IStatsConnections stats)
    {
        _report = options.Report;
        _freeBind = options.FreeBind;
        int threads = options.ThreadCount > 0 ? options.ThreadCount : LoadBalancerOptions.DefaultThreads;
        ArgumentOutOfRangeException.ThrowIfLessThan(model.Global.MaxConn, 1, "maxconn");
        int maxConn = model.Global.MaxConn;
        _process = new ProcessState(maxConn, stats, options.ServerSide);
        _proxies = new RunningProxies(model, before: null, threads, maxConn);
        _proxies.TakeOver();
        int pid = Environment.ProcessId;
        _stateLog = new StateLog(pid);
        _process.StatsLog = new StatsLog(pid, _process);
        _logs = new TrafficLog[threads];
        _loops = new EventLoop[threads];
        for (int i = 0; i < threads; i++)
        {
            _logs[i] = new TrafficLog(i, pid, _process);
            _loops[i] = new EventLoop(i, _process, _logs[i]);
            _loops[i].Ended += OnLoopEnded;
        }
        _process.Loops = [.. _loops];
        _context = new ServerControlContext(
            _control, new Random(KernelRandom.NextInt32()), (backend, line) => WriteState(backend.Model.LogTargets, line), Tell, OnBackendChanged);
        AdoptGlobal(model, BufferBounds.Of(model.Global, options.ServerSide));
        _servers = new ServerControls(_proxies, before: null, _context);
        _snapshots = new SnapshotBuilder(
            options, _process, new Accounts(_proxies, _servers, before: null, LoopClock.NowMs()), _reloads, DroppedLogs);
        _replicated = new ReplicatedState(() => _servers, _control);
        _replicated.Follow(_proxies);
        _commands = new ServerCommands(() => _servers, _control, _replicated);
        _tables = new TableCommands(() => _proxies);
        SessionRestoring restoring = new(_process, () => _proxies);
        _movable = new MovableSessions(_process, restoring, () => _proxies);
        _recorded = new RecordedSessions(_process, restoring);
    }

    /// <summary>All sessions have ended after <see cref="StopSoftly"/> or <see cref="Stop"/>.</summary>
    public Task Completion => _completion.Task;

    /// <summary>What a cluster keeps equal between its nodes.</summary>
    public IReplicatedState Replicated => _replicated;

    /// <summary>Established sessions, for a cluster that hands them to another node.</summary>
    public IMovableSessions Movable => _movable;

    /// <summary>Quiet sessions that a cluster lets outlive this node, or another one.</summary>
    public IRecordedSessions Recorded => _recorded;

    /// <summary>Opens all listeners. Alerts mean that the load balancer must not be started; nothing is left open then.</summary>
    public ImmutableArray<Diagnostic> Open()
    {
        var problems = new DiagnosticList();
        _binds = BindSet.TryOpen(_proxies.Frontends, BindSet.None, _loops.Length, _freeBind, _process.Buffers.Client, atStart: true, problems) ?? BindSet.None;
        return [.. problems.Items];
    }

    public void Start()
    {
        var change = new LoopChange(_proxies, _binds, _loops.Length);
        _loopsRunning = _loops.Length;
        foreach (EventLoop loop in _loops)
        {
            loop.Adopt(change);
            loop.Start();
        }
        _control.Post(() => _servers.StartChecks(before: null));
        _control.Post(EverySecond);
        _control.Start();
    }

    /// <summary>Closes the listeners and lets the sessions end by themselves.</summary>
    public void StopSoftly()
    {
        _stoppedSoftly = true;
        TellToStop(new LoopMessage.StopSoftly());
        if (_proxies.Model.Global.HardStopAfter is { } longest)
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
    /// <param name="late">The address is another node's, or about to be, which knows nothing of them: by resets, which pass the fence (<see cref="Linux.Sockets.SocketMarks.NotAccepted"/>).</param>
    public void CutSessions(IPAddress localAddress, bool late = false) => _ = CutSessionsAsync(localAddress, late);

    /// <summary>The same.</summary>
    /// <returns>When all of them have ended.</returns>
    public Task CutSessionsAsync(IPAddress localAddress, bool late = false)
    {
        CutOrder order = new(new LocalAddresses([localAddress]), _loops.Length, late);
        foreach (EventLoop loop in _loops)
        {
            if (!loop.Post(new LoopMessage.CutSessions(order, From: 0)))
            {
                order.LoopIsThrough();      // it has ended: it has none
            }
        }
        return order.Done;
    }

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

    private void TellToStop(LoopMessage message)
    {
        bool first = Interlocked.Exchange(ref _stopping, 1) == 0;
        if (_loopsRunning == 0)
        {
            _binds.CloseOpened();
            _binds = BindSet.None;
            _completion.TrySetResult();
            return;
        }
        if (first)
        {
            MarkStopped();
            _control.Post(() =>
            {
                MarkStopped();      // a reload may have come between
                _servers.StopChecks();
            });
        }
        Tell(message);
    }

    private void MarkStopped()
    {
        foreach (FrontendPlan frontend in _proxies.Frontends)
        {
            frontend.State.Stopped = true;
        }
    }

    private void OnLoopEnded(EventLoop loop)
    {
        if (Interlocked.Decrement(ref _loopsRunning) > 0)
        {
            return;
        }
        foreach (FrontendPlan frontend in _stoppedSoftly ? _proxies.Frontends : [])
        {
            SayStopped(frontend, _proxies, _snapshots.Accounts);
        }
        if (!_control.Post(() => _completion.TrySetResult()))
        {
            _completion.TrySetResult();
        }
    }

    /// <summary>HAProxy's last words about a proxy.</summary>
    private void SayStopped(FrontendPlan frontend, RunningProxies proxies, Accounts accounts)
    {
        string name = frontend.Model.Name;
        long backendSessions = proxies.FindBackend(name) is { } backend ? ServerSideTotals.Of(backend.State.Counters).Sessions : 0;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"Proxy {name} stopped (cumulated conns: FE: {accounts[frontend.State].ConnectionsEver}, BE: {backendSessions}).");
        Say(frontend.Model.LogTargets, line, LogLevel.Warning);
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

    /// <summary>What of the global section is not in <see cref="RunningProxies"/>. On the control thread, or before it has started.</summary>
    private void AdoptGlobal(LoadBalancerModel model, BufferBounds buffers)
    {
        _process.Buffers = buffers;
        (_process.MaxConn, _process.SpareDescriptors) = (model.Global.MaxConn, model.Global.SpareDescriptors);
        _context.SpreadChecksPercent = model.Global.SpreadChecksPercent;
        _stateLog.Adopt(model);
        _process.StatsLog!.Adopt(model.Global, _proxies.Frontends);
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
