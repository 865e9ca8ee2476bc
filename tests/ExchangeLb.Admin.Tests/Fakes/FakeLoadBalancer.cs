using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Tests.Fakes;

/// <summary>A load balancer that forwards nothing but keeps real state: what a command changes, the next snapshot shows.</summary>
internal sealed class FakeLoadBalancer(LoadBalancerSnapshot start) : ILoadBalancerRuntime
{
    private readonly Lock _lock = new();
    private LoadBalancerSnapshot _now = start;

    public Dictionary<string, List<StickEntrySnapshot>> Tables { get; } = [];

    /// <summary>Stands for the entries of every table when it is set: for tables too large to be kept.</summary>
    public IEnumerable<StickEntrySnapshot>? Streamed { get; set; }

    /// <summary>How often somebody began to read all entries of a table.</summary>
    public int EntriesReadTimes { get; private set; }

    /// <summary>Each call in words, in order.</summary>
    public List<string> Calls { get; } = [];

    public LoadBalancerSnapshot Snapshot()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public ServerSnapshot Server(string backend, string name) =>
        Snapshot().Proxies.Single(proxy => proxy.Model.Name == backend).Servers.Single(server => server.Model.Name == name);

    public CommandResult SetServerState(string backend, string server, ServerAdminState state) =>
        Change(backend, server, $"state {state}", old => old with { Admin = state, SinceChange = TimeSpan.Zero });

    public CommandResult SetServerHealth(string backend, string server, ServerHealth health) =>
        Change(backend, server, $"health {health}", old => old with { Health = health, SinceChange = TimeSpan.Zero });

    public CommandResult SetServerWeight(string backend, string server, int weight, bool percent) =>
        Change(backend, server, $"weight {weight}{(percent ? "%" : "")}",
            old => old with { Weight = percent ? (int)Math.Min(256, (long)old.InitialWeight * weight / 100) : weight });

    public CommandResult SetServerChecks(string backend, string server, bool enabled) =>
        Change(backend, server, $"checks {enabled}", old => old with { Check = enabled ? new CheckSnapshot(CheckResult.Initial) : null });

    public StickTableContent? ReadStickTable(string table)
    {
        lock (_lock)
        {
            return _now.Proxies.FirstOrDefault(proxy => proxy.StickTable?.Model.Name == table)?.StickTable is { } found
                ? new StickTableContent(found.Model, Tables.GetValueOrDefault(table, []).Count, Streamed ?? Entries(table))
                : null;
        }
    }

    public StickEntrySnapshot? FindStickEntry(string table, IPAddress key)
    {
        lock (_lock)
        {
            int index = Tables.GetValueOrDefault(table, []).FindIndex(entry => entry.Key.Equals(key));
            return index < 0 ? null : Tables[table][index];
        }
    }

    public CommandResult ClearStickTable(string table, IPAddress? key, int serverId)
    {
        lock (_lock)
        {
            Calls.Add($"clear {table} {key?.ToString() ?? "*"} {serverId}");
            int gone = Tables[table].RemoveAll(entry =>
                (key is null || entry.Key.Equals(key)) && (serverId == 0 || entry.ServerId == serverId));
            return new CommandResult(true, $"{gone} entries removed");
        }
    }

    public void ClearCounters(bool all)
    {
        lock (_lock)
        {
            Calls.Add($"clear counters {(all ? "all" : "largest")}");
        }
    }

    private IEnumerable<StickEntrySnapshot> Entries(string table)
    {
        StickEntrySnapshot[] copy;
        lock (_lock)
        {
            EntriesReadTimes++;
            copy = [.. Tables.GetValueOrDefault(table, [])];
        }
        foreach (StickEntrySnapshot entry in copy)
        {
            yield return entry;
        }
    }

    private CommandResult Change(string backend, string name, string what, Func<ServerSnapshot, ServerSnapshot> change)
    {
        lock (_lock)
        {
            Calls.Add($"{backend}/{name} {what}");
            ProxySnapshot proxy = _now.Proxies.Single(one => one.Model.Name == backend);
            ServerSnapshot server = proxy.Servers.Single(one => one.Model.Name == name);
            ImmutableArray<ProxySnapshot> proxies =
                _now.Proxies.Replace(proxy, proxy with { Servers = proxy.Servers.Replace(server, change(server)) });
            _now = _now with { Proxies = proxies };
            return CommandResult.Ok;
        }
    }
}
