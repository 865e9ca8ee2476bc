using System;
using System.Collections.Frozen;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;
using ExchangeLb.Proxy.Control;

namespace ExchangeLb.Proxy.Replication;

/// <summary>The proxies' side of replication. Orders are carried out on the control thread; what is here may be read by any.</summary>
internal sealed class ReplicatedState(Func<ServerControls> servers, ControlLoop control) : IReplicatedState
{
    private volatile ReplicatedContent _content = ReplicatedContent.Empty;
    private volatile IServerSettingSink? _sink;

    public ReplicatedContent Content => _content;

    public IServerSettingSink? SettingSink
    {
        get => _sink;
        set => _sink = value;
    }

    /// <summary>At start and after each reload, once tables and servers are what they will be.</summary>
    public void Follow(RunningProxies proxies)
    {
        BackendModel[] backends = [.. proxies.Backends.Select(backend => backend.Model)];
        _content = new ReplicatedContent(
            [.. proxies.Tables.Values.Select(table => Describe(table, backends))],
            backends.SelectMany(backend => backend.Servers.Select(server => new ServerName(backend.Name, server.Name))).ToFrozenSet());
    }

    public bool TryApply(in ServerSetting setting)
    {
        ServerSetting order = setting;
        return control.Post(() =>
        {
            if (servers().Find(order.Server.Backend, order.Server.Server) is { } server)
            {
                Apply(server, order.Kind, order.Value);
            }
        });
    }

    /// <summary>A local order has been carried out.</summary>
    public void Tell(ServerControl server, ServerSettingKind kind, int value) =>
        _sink?.Changed(new ServerSetting(new ServerName(server.Server.Backend.Model.Name, server.Server.Model.Name), kind, value));

    private static void Apply(ServerControl server, ServerSettingKind kind, int value)
    {
        switch (kind)
        {
            case ServerSettingKind.State:
                server.SetAdmin((ServerAdminState)value);
                break;
            case ServerSettingKind.Weight:
                server.SetWeight(value);
                break;
            case ServerSettingKind.Checks:
                server.SetChecks(value != 0);       // refused where this node's file has no check for it: then there is none to turn off
                break;
            case ServerSettingKind.Health:
                server.ForceHealth(value != 0 ? ServerHealth.Up : ServerHealth.Down);
                break;
        }
    }

    private static ReplicatedTable Describe(StickTable table, BackendModel[] backends) =>
        new(table, ReplicatedServers.Of(table.Model.Name, backends));
}
