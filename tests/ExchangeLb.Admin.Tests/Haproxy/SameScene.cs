using System;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Tests.Haproxy;

/// <summary>What <see cref="RealHaproxy"/> runs, as our load balancer would show it before the first client.</summary>
internal static class SameScene
{
    private static readonly SourcePlace Place = new("haproxy.cfg", 1);

    public static FakeLoadBalancer For(RealHaproxy real)
    {
        var balancer = new FakeLoadBalancer(new LoadBalancerSnapshot(new ProcessSnapshot { Node = "lb1", MaxConn = 2000 },
        [
            Proxy(2, "stats", ProxyKind.Listen, ProxyMode.Http, BalanceKind.RoundRobin, []),
            Proxy(3, "e2k13", ProxyKind.Listen, ProxyMode.Tcp, BalanceKind.RoundRobin,
            [
                Checked(Model(1, "passing", "127.0.0.1", real.StatsPort), up: true),
                Checked(Model(2, "refused", "127.0.0.1", real.ClosedPort), up: false),
                Unchecked(Model(3, "unchecked", "127.0.0.1", real.ClosedPort) with { Weight = 7 }),
                Checked(Model(4, "resting", "127.0.0.1", real.ClosedPort) with { Disabled = true }, up: false) with
                {
                    Admin = ServerAdminState.Maintenance,
                    Check = new CheckSnapshot(CheckResult.Initial) { Rise = 2, Fall = 3 },
                },
                Checked(Model(5, "spare", "127.0.0.1", real.StatsPort) with { Backup = true, MaxConn = 10, MaxQueue = 5 }, up: true),
            ]),
            Proxy(4, "entry", ProxyKind.Frontend, ProxyMode.Tcp, BalanceKind.RoundRobin, []),
            Proxy(5, "farm", ProxyKind.Backend, ProxyMode.Tcp, BalanceKind.LeastConn, [Unchecked(Model(1, "only", "::1", real.ClosedPort))]),
            Proxy(6, "empty", ProxyKind.Backend, ProxyMode.Tcp, BalanceKind.RoundRobin, []),
        ]));
        balancer.Tables["e2k13"] = [];
        return balancer;
    }

    private static ProxySnapshot Proxy(
        int id, string name, ProxyKind kind, ProxyMode mode, BalanceKind balance, ImmutableArray<ServerSnapshot> servers)
    {
        StickTableModel? table = name == "e2k13"
            ? new StickTableModel(name, StickKeyKind.IPv4, 20480, TimeSpan.FromMinutes(15), NoPurge: false, Place)
            : null;
        FrontendModel? frontend = kind == ProxyKind.Backend ? null : new FrontendModel(id, name);
        BackendModel? backend = kind == ProxyKind.Frontend
            ? null
            : new BackendModel(id, name) { Balance = balance, Servers = [.. servers.Select(server => server.Model)] };
        return new ProxySnapshot(new ProxyModel(id, name, kind, frontend, backend, Place) { Mode = mode })
        {
            Frontend = frontend is null ? null : new FrontendSnapshot { SessionLimit = 2000 },
            Servers = servers,
            Backend = backend is null ? null : new BackendSnapshot
            {
                Up = true,
                ActiveServers = servers.Count(server => !server.Model.Backup && server.Health != ServerHealth.Down),
                BackupServers = servers.Count(server => server.Model.Backup),
            },
            StickTable = table is null ? null : new StickTableSnapshot(table, 0),
        };
    }

    private static ServerModel Model(int id, string name, string address, int port) =>
        new(id, name, IPAddress.Parse(address), Place) { Port = port };

    private static ServerSnapshot Unchecked(ServerModel model) => new(model)
    {
        Health = ServerHealth.NotChecked,
        Weight = model.Weight,
        InitialWeight = model.Weight,
    };

    private static ServerSnapshot Checked(ServerModel model, bool up) => Unchecked(model with { Check = true }) with
    {
        Health = up ? ServerHealth.Up : ServerHealth.Down,
        Check = new CheckSnapshot(up ? CheckResult.ConnectOk : CheckResult.ConnectError)
        {
            Rise = model.Rise,
            Fall = model.Fall,
            Health = up ? model.Rise + model.Fall - 1 : 0,
            Info = up ? "" : "Connection refused",
        },
    };
}
