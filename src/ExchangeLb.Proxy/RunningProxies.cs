using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Rules;
using ExchangeLb.Core.Stick;
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy;

/// <summary>
/// The states of all proxies of a configuration, with their references to each other resolved. What it holds does not change
/// after construction. Disabled proxies have no frontend and no backend here.
/// </summary>
internal sealed class RunningProxies
{
    private readonly Dictionary<string, BackendState> _backends = [];
    private readonly ProcessState _process;

    public RunningProxies(LoadBalancerModel model, ProcessState process, int loops, int maxConn)
    {
        _process = process;
        var frontends = new List<FrontendState>();
        var backends = new List<BackendState>();
        foreach (ProxyModel proxy in model.Proxies)
        {
            if (proxy.Frontend is { Disabled: false } frontend)
            {
                int limit = frontend.MaxConn > 0 ? frontend.MaxConn : maxConn;
                frontends.Add(new FrontendState(frontends.Count, proxy, frontend, limit, loops));
            }
            if (proxy.Backend is { Disabled: false } backend)
            {
                var state = new BackendState(backends.Count, backend, BalanceAlgorithm.Create(backend), loops);
                backends.Add(state);
                _backends[backend.Name] = state;
            }
        }
        Frontends = [.. frontends];
        Backends = [.. backends];
        Tables = MakeTables(model);
        process.UsableServers = new int[Backends.Length + 1];      // the last one is 0 for ever: that of disabled backends
        foreach (BackendState backend in Backends)
        {
            backend.Stick = new StickRules([.. backend.Model.StickRules.Select(Compile)], backend);
            NoteUsable(backend);
        }
        foreach (FrontendState frontend in Frontends)
        {
            frontend.Rules = [.. frontend.Model.UseBackends.Select(Compile)];
            frontend.DefaultBackend = frontend.Model.DefaultBackend is { } name ? FindBackend(name) : null;
        }
        foreach (BackendState backend in Backends)
        {
            backend.FullLoad = backend.Model.FullConn > 0 ? backend.Model.FullConn : TenthOfFrontends(backend);
        }
    }

    /// <summary>In the order of the file; index as in <see cref="FrontendState.Index"/>.</summary>
    public FrontendState[] Frontends { get; }

    /// <summary>In the order of the file; index as in <see cref="BackendState.Index"/>.</summary>
    public BackendState[] Backends { get; }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, StickTable> Tables { get; }

    public BackendState? FindBackend(string name) => _backends.GetValueOrDefault(name);

    public FrontendState? FindFrontend(ProxyModel proxy) => Array.Find(Frontends, frontend => frontend.Proxy == proxy);

    /// <summary>Keeps what `nbsrv` asks for. On the control thread, once the loops run.</summary>
    public void NoteUsable(BackendState backend) =>
        Volatile.Write(ref _process.UsableServers[backend.Index], backend.CountUsable().Balanced);

    /// <summary>Those of disabled backends too: rules of others may use them.</summary>
    private static Dictionary<string, StickTable> MakeTables(LoadBalancerModel model)
    {
        // One seed a process: addresses that fall into one chain here do not do so elsewhere.
        ulong seed = KernelRandom.NextUInt64();
        var tables = new Dictionary<string, StickTable>();
        foreach (ProxyModel proxy in model.Proxies)
        {
            if (proxy.Backend?.StickTable is { } table)
            {
                tables[table.Name] = new StickTable(table, seed);
            }
        }
        return tables;
    }

    /// <summary>What `fullconn` is when not set: a tenth of the limits of all frontends that may send here (configuration.txt, 4.2).</summary>
    private int TenthOfFrontends(BackendState backend)
    {
        long limits = Frontends
            .Where(frontend => frontend.DefaultBackend == backend || frontend.Rules.Any(rule => rule.Backend == backend))
            .Sum(frontend => (long)frontend.SessionLimit);
        return (int)Math.Min((limits + 9) / 10, int.MaxValue);
    }

    private StickRule Compile(StickRuleModel rule) =>
        new(rule.Match, rule.Store, Tables[rule.Table], Compile(rule.Condition));

    private BackendRule Compile(UseBackendModel rule) => new(Compile(rule.Condition), FindBackend(rule.Backend));

    private CompiledCondition? Compile(ConditionModel? condition) =>
        condition is null ? null : CompiledCondition.Compile(condition, name => FindBackend(name)?.Index ?? Backends.Length);
}
