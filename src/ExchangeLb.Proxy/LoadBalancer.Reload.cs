using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Control;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Reload;
using ExchangeLb.Proxy.Stats;

namespace ExchangeLb.Proxy;

/// <summary>
/// The reload, in this order: (1) plan: the next configuration with the states of what stays; (2) open its sockets, which is where the
/// host may refuse it, and nothing has changed yet; (3) bring over stick tables that cannot stay the objects that they are; (4) on the
/// control thread, in one go: servers, checks, statistics, and a message to every loop; (5) once no loop uses the one before: what was
/// still written to its tables.
/// </summary>
public sealed partial class LoadBalancer
{
    /// <summary>A loop takes a new configuration in its next turn; one that takes longer hangs, and others see to that.</summary>
    private static readonly TimeSpan LoopPatience = TimeSpan.FromSeconds(5);
    private readonly Lock _reloading = new();

    /// <summary>
    /// Goes on with another configuration: no connection is refused or broken for it, and stick tables, server states and counters of
    /// what stays are kept. From any thread but a loop's or the control thread; one reload comes after the other.
    /// </summary>
    /// <param name="next">Its `maxconn` is 1 or more, as at the start.</param>
    /// <param name="freeBind">As <see cref="LoadBalancerOptions.FreeBind"/>; null: as before.</param>
    /// <param name="serverSide">As <see cref="LoadBalancerOptions.ServerSide"/>, for connections from now on; null: as before.</param>
    /// <returns>What there is to say. With an alert nothing has changed; warnings name what needs a restart.</returns>
    public ImmutableArray<Diagnostic> Reload(LoadBalancerModel next, IReadOnlySet<IPAddress>? freeBind = null, ServerSideOptions? serverSide = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(next.Global.MaxConn, 1, "maxconn");
        lock (_reloading)
        {
            var problems = new DiagnosticList();
            string? result = TryReload(next, freeBind ?? _freeBind, BufferBounds.Of(next.Global, serverSide ?? _process.ServerSide), problems);
            if (result is not null) { _process.ServerSide = serverSide ?? _process.ServerSide; }
            _reloads.Note(result is not null, result ?? problems.Items.First(problem => problem.Severity == Severity.Alert).Message);
            return [.. problems.Items];
        }
    }

    /// <summary>Somebody else refused a reload, as its file is wrong: it is remembered like one that was refused here.</summary>
    public void NoteReloadRefused(string reason) => _reloads.Note(done: false, reason);

    /// <returns>What has changed; null after an alert.</returns>
    private string? TryReload(LoadBalancerModel next, IReadOnlySet<IPAddress> freeBind, BufferBounds buffers, DiagnosticList problems)
    {
        if (_loopsRunning == 0 || Volatile.Read(ref _stopping) != 0)
        {
            problems.Alert(null, "The load balancer is not running, or stopping: it takes no other configuration.");
            return null;
        }

        // 1.
        RunningProxies before = _proxies;
        var proxies = new RunningProxies(next, before, _loops.Length, next.Global.MaxConn);

        // 2.
        if (BindSet.TryOpen(proxies.Frontends, _binds, _loops.Length, freeBind, buffers.Client, atStart: false, problems) is not { } binds)
        {
            return null;
        }

        // 3.
        CopyTables(proxies);

        // 4.
        var change = new LoopChange(proxies, binds, _loops.Length);
        if (!_control.Ask(() => TakeOver(change, buffers), false))
        {
            binds.CloseOpened();
            problems.Alert(null, "The load balancer is stopping or too busy: it takes no other configuration.");
            return null;
        }
        _binds = binds;
        _freeBind = freeBind;

        // 5.
        change.EverywhereDone.Wait(LoopPatience);
        CopyTables(proxies);
        proxies.ForgetMoves();

        foreach (Diagnostic diagnostic in FixedAtStart.Check(before.Model.Global, next.Global))
        {
            problems.Add(diagnostic);
        }
        string result = Describe(before, proxies, binds);
        Say(next.Global.LogTargets, $"Configuration reloaded ({result}).");
        return result;
    }

    /// <summary>On the control thread.</summary>
    private bool TakeOver(LoopChange change, BufferBounds buffers)
    {
        if (Volatile.Read(ref _stopping) != 0)
        {
            return false;
        }
        RunningProxies before = _proxies;
        ServerControls controls = _servers;
        Accounts accounts = _snapshots.Accounts;
        change.Proxies.TakeOver();
        _proxies = change.Proxies;
        AdoptGlobal(change.Proxies.Model, buffers);
        _servers = new ServerControls(change.Proxies, controls, _context);
        _snapshots.Accounts = new Accounts(change.Proxies, _servers, accounts, _control.NowMs);
        _servers.TakeOver(controls);
        foreach (BackendPlan backend in change.Proxies.Backends)
        {
            OnBackendChanged(backend.State);
        }
        _servers.StartChecks(controls);
        _replicated.Follow(change.Proxies);
        foreach (EventLoop loop in _loops)
        {
            if (!loop.Post(new LoopMessage.Adopt(change)))
            {
                CloseFor(loop, change);
            }
        }
        foreach (FrontendPlan gone in before.Frontends.Where(old => Array.TrueForAll(change.Proxies.Frontends, plan => plan.State != old.State)))
        {
            gone.State.Stopped = true;
            SayStopped(gone, before, accounts);
        }
        return true;
    }

    /// <summary>The loop has ended meanwhile.</summary>
    private static void CloseFor(EventLoop loop, LoopChange change)
    {
        loop.Listeners.Replace(change.Binds.ListenersOf(loop.Index), loop.NowMs);
        change.Done();
    }

    private static void CopyTables(RunningProxies proxies)
    {
        foreach (StickTableMove move in proxies.Moves)
        {
            move.Copy();
        }
    }

    private static string Describe(RunningProxies before, RunningProxies now, BindSet binds)
    {
        int servers = now.Backends.Sum(backend => backend.Servers.Length);
        int stayed = now.Backends.SelectMany(backend => backend.Servers).Intersect(before.Backends.SelectMany(backend => backend.Servers)).Count();
        int had = before.Backends.Sum(backend => backend.Servers.Length);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"addresses: {binds.OpenedCount} opened, {binds.LeftCount} closed; servers: {servers - stayed} new, {had - stayed} gone");
    }
}
