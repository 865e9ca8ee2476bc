using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Health;
using ExchangeLb.Proxy.Backends;

namespace ExchangeLb.Proxy.Control;

/// <summary>
/// The controls of all servers of one configuration. The collection is immutable and replaced whole by a reload, which takes over those
/// of servers that stay. Owner: the control thread; finding one is allowed to all.
/// </summary>
internal sealed class ServerControls
{
    private readonly Dictionary<ServerState, ServerControl> _byServer = [];
    private readonly RunningProxies _proxies;

    /// <param name="before">Those of the configuration at work until now, whose servers have the new one's models already; null: this is the start.</param>
    public ServerControls(RunningProxies proxies, ServerControls? before, ServerControlContext context)
    {
        _proxies = proxies;
        foreach (BackendPlan backend in proxies.Backends)
        {
            foreach (ServerState server in backend.Servers)
            {
                _byServer.Add(server, before?._byServer.GetValueOrDefault(server) ?? new ServerControl(server, context));
            }
        }
    }

    public ServerControl this[ServerState server] => _byServer[server];

    public ServerControl? Find(string backend, string server)
    {
        BackendPlan? found = _proxies.FindBackend(backend);
        ServerState? state = found is null ? null : Array.Find(found.Servers, candidate => candidate.Model.Name == server);
        return state is null ? null : _byServer[state];
    }

    /// <summary>Lets servers that stay go on as configured now, and ends the checks of those that are gone. On the control thread.</summary>
    public void TakeOver(ServerControls before)
    {
        foreach ((ServerState server, ServerControl control) in before._byServer)
        {
            if (_byServer.ContainsKey(server))
            {
                control.Become(server.Backend.Model);
            }
            else
            {
                control.StopChecks();
            }
        }
    }

    /// <summary>Starts the checks of new servers, the first ones spread over an interval so that servers are not checked in step.</summary>
    /// <param name="before">Whose checks go on; null: none's.</param>
    public void StartChecks(ServerControls? before)
    {
        ServerControl[] @checked =
            [.. _byServer.Where(pair => pair.Key.Model.Check && before?._byServer.ContainsKey(pair.Key) is not true).Select(pair => pair.Value)];
        int shortest = @checked.Select(control => control.FirstIntervalMs)
            .Where(interval => interval > CheckSchedule.QuickIntervalMs)
            .DefaultIfEmpty(0)
            .Min();
        for (int i = 0; i < @checked.Length; i++)
        {
            @checked[i].StartChecks(CheckSchedule.StartMs(i, @checked.Length, @checked[i].FirstIntervalMs, shortest));
        }
    }

    public void StopChecks()
    {
        foreach (ServerControl control in _byServer.Values)
        {
            control.StopChecks();
        }
    }
}
