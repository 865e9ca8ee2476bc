using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Health;
using ExchangeLb.Proxy.Backends;

namespace ExchangeLb.Proxy.Control;

/// <summary>The controls of all servers. Owner: the control thread; finding one is allowed to all.</summary>
internal sealed class ServerControls
{
    private readonly Dictionary<ServerState, ServerControl> _byServer = [];
    private readonly RunningProxies _proxies;

    public ServerControls(RunningProxies proxies, ServerControlContext context)
    {
        _proxies = proxies;
        foreach (BackendState backend in proxies.Backends)
        {
            foreach (ServerState server in backend.Servers)
            {
                _byServer.Add(server, new ServerControl(server, context));
            }
        }
    }

    public ServerControl this[ServerState server] => _byServer[server];

    public ServerControl? Find(string backend, string server)
    {
        BackendState? found = _proxies.FindBackend(backend);
        ServerState? state = found is null ? null : Array.Find(found.Servers, candidate => candidate.Model.Name == server);
        return state is null ? null : _byServer[state];
    }

    /// <summary>Starts all checks, the first ones spread over an interval so that servers are not checked in step.</summary>
    public void StartChecks()
    {
        ServerControl[] @checked = [.. _byServer.Values.Where(control => control.Server.Model.Check)];
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
