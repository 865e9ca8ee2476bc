using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Rules;
using ExchangeLb.Core.Stick;
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Reload;

namespace ExchangeLb.Proxy;

/// <summary>
/// The proxies of one configuration, with their references to each other resolved. What it holds does not change after construction;
/// a reload makes the next one, which takes over the states of what goes by the same name: a frontend of the same mode, a backend, a
/// server of the same address, a stick table of the same type. Making it changes none of those. Disabled proxies have no frontend and
/// no backend here.
/// </summary>
internal sealed class RunningProxies
{
    /// <summary>One a process: addresses that fall into one chain here do not do so elsewhere.</summary>
    private static readonly ulong HashSeed = KernelRandom.NextUInt64();
    private readonly Dictionary<string, BackendPlan> _backends = [];
    private readonly int _loops;

    /// <param name="before">The configuration at work until now; null: none, this is the start.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="maxConn">The process' limit, for frontends without one.</param>
    public RunningProxies(LoadBalancerModel model, RunningProxies? before, int loops, int maxConn)
    {
        Model = model;
        _loops = loops;
        var frontends = new List<FrontendPlan>();
        var backends = new List<BackendPlan>();
        foreach (ProxyModel proxy in model.Proxies)
        {
            if (proxy.Frontend is { Disabled: false } frontend)
            {
                int limit = frontend.MaxConn > 0 ? frontend.MaxConn : maxConn;
                frontends.Add(new FrontendPlan(StateOf(proxy, frontend, before), proxy, frontend, limit, loops));
            }
            if (proxy.Backend is { Disabled: false } backend)
            {
                BackendPlan plan = Plan(backends.Count, backend, before?.FindBackend(backend.Name));
                backends.Add(plan);
                _backends[backend.Name] = plan;
            }
        }
        Frontends = [.. frontends];
        Backends = [.. backends];
        UsableServers = new int[Backends.Length + 1];       // the last one is 0 for ever: that of disabled backends
        (Tables, Moves) = StickTables.Make(this, before, HashSeed);
        foreach (BackendPlan backend in Backends)
        {
            backend.Stick = new StickRules(
                [.. backend.Model.StickRules.Select(Compile)], ServersById(backend), backend.Model.Persist, UsableServers);
        }
        foreach (FrontendPlan frontend in Frontends)
        {
            frontend.UsableServers = UsableServers;
            frontend.Rules = [.. frontend.Model.UseBackends.Select(Compile)];
            frontend.DefaultBackend = frontend.Model.DefaultBackend is { } name ? FindBackend(name)?.State : null;
        }
        foreach (BackendPlan backend in Backends)
        {
            backend.FullLoad = backend.Model.FullConn > 0 ? backend.Model.FullConn : TenthOfFrontends(backend);
        }
    }

    public LoadBalancerModel Model { get; }

    /// <summary>In the order of the file.</summary>
    public FrontendPlan[] Frontends { get; }

    /// <summary>In the order of the file; index as in <see cref="BackendPlan.Index"/>.</summary>
    public BackendPlan[] Backends { get; }

    /// <summary>By name. Those of disabled backends too: rules of others may use them.</summary>
    public IReadOnlyDictionary<string, StickTable> Tables { get; }

    /// <summary>Tables that could not stay the objects that they were: what is in the old ones has to be brought over.</summary>
    public ImmutableArray<StickTableMove> Moves { get; private set; }

    /// <summary>Usable servers of each backend, for `nbsrv`; by the backend's index, written by the control thread.</summary>
    public int[] UsableServers { get; }

    public BackendPlan? FindBackend(string name) => _backends.GetValueOrDefault(name);

    public FrontendPlan? FindFrontend(ProxyModel proxy) => Array.Find(Frontends, frontend => frontend.Proxy == proxy);

    /// <summary>Keeps what `nbsrv` asks for. On the control thread, once the loops run.</summary>
    public void NoteUsable(BackendState backend)
    {
        int index = backend.Plan.Index;
        if (index < Backends.Length && Backends[index].State == backend)
        {
            Volatile.Write(ref UsableServers[index], backend.CountUsable().Balanced);
        }
    }

    /// <summary>All is brought over: the old tables are not needed any more.</summary>
    public void ForgetMoves() => Moves = [];

    /// <summary>Puts servers and backends to work as planned. On the control thread, or before there is one.</summary>
    public void TakeOver()
    {
        foreach (BackendPlan backend in Backends)
        {
            for (int i = 0; i < backend.Servers.Length; i++)
            {
                backend.Servers[i].Model = backend.Model.Servers[i];
            }
            backend.State.Become(backend);
            NoteUsable(backend.State);
        }
    }

    private FrontendState StateOf(ProxyModel proxy, FrontendModel frontend, RunningProxies? before) =>
        Array.Find(before?.Frontends ?? [], old => old.Model.Name == frontend.Name && old.Proxy.Mode == proxy.Mode)?.State
        ?? new FrontendState(frontend.Name, proxy.Mode, _loops);

    private BackendPlan Plan(int index, BackendModel backend, BackendPlan? old)
    {
        BackendState state = old?.State ?? new BackendState(backend.Name, _loops);
        Dictionary<string, ServerState> stay = old?.Servers.ToDictionary(server => server.Model.Name) ?? [];
        ServerState[] servers =
        [
            .. backend.Servers.Select(server => stay.GetValueOrDefault(server.Name) is { } same && IsAtSameAddress(same.Model, server)
                ? same
                : new ServerState(state, server, _loops)),
        ];
        return new BackendPlan(index, state, backend, servers);
    }

    private static bool IsAtSameAddress(ServerModel one, ServerModel other) =>
        one.Address.Equals(other.Address) && one.Port == other.Port && one.PortIsOffset == other.PortIsOffset;

    private static Dictionary<int, ServerState> ServersById(BackendPlan backend)
    {
        var byId = new Dictionary<int, ServerState>();
        for (int i = 0; i < backend.Servers.Length; i++)
        {
            byId[backend.Model.Servers[i].Id] = backend.Servers[i];
        }
        return byId;
    }

    /// <summary>What `fullconn` is when not set: a tenth of the limits of all frontends that may send here (configuration.txt, 4.2).</summary>
    private int TenthOfFrontends(BackendPlan backend)
    {
        long limits = Frontends
            .Where(frontend => frontend.DefaultBackend == backend.State || frontend.Rules.Any(rule => rule.Backend == backend.State))
            .Sum(frontend => (long)frontend.SessionLimit);
        return (int)Math.Min((limits + 9) / 10, int.MaxValue);
    }

    private StickRule Compile(StickRuleModel rule) =>
        new(rule.Match, rule.Store, Tables[rule.Table], Compile(rule.Condition));

    private BackendRule Compile(UseBackendModel rule) => new(Compile(rule.Condition), FindBackend(rule.Backend)?.State);

    private CompiledCondition? Compile(ConditionModel? condition) =>
        condition is null ? null : CompiledCondition.Compile(condition, name => FindBackend(name)?.Index ?? Backends.Length);
}
