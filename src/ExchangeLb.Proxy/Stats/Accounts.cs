using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Control;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.Stats;

/// <summary>What the statistics keep of one server, and its control, which knows of its checks.</summary>
internal sealed record ServerAccounts(RowAccounts Row, ServerControl Control);

/// <summary>What the statistics keep of one backend.</summary>
internal sealed record BackendAccounts(RowAccounts Row, BackendAvailability Availability);

/// <summary>
/// What the statistics keep of one configuration's proxies. The collections are immutable and replaced whole by a reload, which takes
/// over the accounts of what stays; so who reads one sees one configuration.
/// </summary>
internal sealed class Accounts
{
    private readonly Dictionary<FrontendState, FrontendAccounts> _frontends;
    private readonly Dictionary<BackendState, BackendAccounts> _backends;
    private readonly Dictionary<ServerState, ServerAccounts> _servers;

    /// <summary>Frontends of configurations before whose sessions were not all over when this one came.</summary>
    private readonly ImmutableArray<FrontendAccounts> _leaving;
    private readonly long _connectionsBefore;
    private readonly long _bytesOutBefore;

    public Accounts(RunningProxies proxies, ServerControls servers, Accounts? before, long nowMs)
    {
        Proxies = proxies;
        _frontends = proxies.Frontends.ToDictionary(
            plan => plan.State, plan => before?._frontends.GetValueOrDefault(plan.State) ?? new FrontendAccounts(plan.State));
        _backends = proxies.Backends.ToDictionary(
            plan => plan.State,
            plan => before?._backends.GetValueOrDefault(plan.State)
                ?? new BackendAccounts(new RowAccounts(plan.State.Counters, plan.State.Sessions), new BackendAvailability(plan.State, nowMs)));
        _servers = proxies.Backends.SelectMany(plan => plan.Servers).ToDictionary(
            server => server,
            server => new ServerAccounts(
                before?._servers.GetValueOrDefault(server)?.Row ?? new RowAccounts(server.Counters, server.Sessions), servers[server]));
        FrontendAccounts[] gone = before is null
            ? []
            : [.. before._leaving, .. before._frontends.Where(pair => !_frontends.ContainsKey(pair.Key)).Select(pair => pair.Value)];
        _leaving = [.. gone.Where(frontend => !frontend.IsOver)];
        _connectionsBefore = (before?._connectionsBefore ?? 0) + gone.Where(frontend => frontend.IsOver).Sum(frontend => frontend.ConnectionsEver);
        _bytesOutBefore = (before?._bytesOutBefore ?? 0) + gone.Where(frontend => frontend.IsOver).Sum(frontend => frontend.BytesOutEver);
    }

    public RunningProxies Proxies { get; }

    /// <summary>Of the process since its start, whatever was cleared or is configured no more.</summary>
    public long ConnectionsEver => _connectionsBefore + AllFrontends.Sum(frontend => frontend.ConnectionsEver);

    /// <summary>The same for bytes sent to clients.</summary>
    public long BytesOutEver => _bytesOutBefore + AllFrontends.Sum(frontend => frontend.BytesOutEver);

    public FrontendAccounts this[FrontendState frontend] => _frontends[frontend];

    public BackendAccounts this[BackendState backend] => _backends[backend];

    public ServerAccounts this[ServerState server] => _servers[server];

    /// <summary>Null: the configuration has no such backend any more.</summary>
    public BackendAvailability? AvailabilityOf(BackendState backend) => _backends.GetValueOrDefault(backend)?.Availability;

    public void Sample(long nowMs)
    {
        foreach (FrontendAccounts frontend in _frontends.Values)
        {
            frontend.Sample(nowMs);
        }
        foreach (RowAccounts row in Rows)
        {
            row.Sample(nowMs);
        }
    }

    public void Clear(bool all)
    {
        foreach (FrontendAccounts frontend in _frontends.Values)
        {
            frontend.Clear(all);
        }
        foreach (RowAccounts row in Rows)
        {
            row.Clear(all);
        }
        foreach (BackendState backend in _backends.Keys)
        {
            backend.ForgetMaxima();
        }
    }

    private IEnumerable<FrontendAccounts> AllFrontends => _frontends.Values.Concat(_leaving);

    private IEnumerable<RowAccounts> Rows =>
        _backends.Values.Select(backend => backend.Row).Concat(_servers.Values.Select(server => server.Row));
}
