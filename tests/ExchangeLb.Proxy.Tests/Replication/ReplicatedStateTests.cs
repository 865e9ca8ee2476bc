using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Proxy.Replication;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Replication;

public sealed class ReplicatedStateTests
{
    private static readonly ServerName First = new("e2k13", "exchange1");

    [Fact]
    public void An_administrators_order_is_told_once_it_is_carried_out()
    {
        using LoadBalancer running = Start();
        Orders orders = new();
        running.Replicated.SettingSink = orders;

        running.SetServerState("e2k13", "exchange1", ServerAdminState.Drain);
        running.SetServerWeight("e2k13", "exchange1", 50, percent: true);
        running.SetServerChecks("e2k13", "exchange1", enabled: false);
        running.SetServerHealth("e2k13", "exchange1", ServerHealth.Down);

        Assert.Equal(
            [
                new ServerSetting(First, ServerSettingKind.State, 1),
                new ServerSetting(First, ServerSettingKind.Weight, 5),
                new ServerSetting(First, ServerSettingKind.Checks, 0),
                new ServerSetting(First, ServerSettingKind.Health, 0),
            ],
            orders.Told);
    }

    [Fact]
    public void A_refused_order_is_not_told()
    {
        using LoadBalancer running = Start();
        Orders orders = new();
        running.Replicated.SettingSink = orders;

        running.SetServerWeight("e2k13", "exchange1", 300, percent: false);
        running.SetServerChecks("e2k13", "exchange2", enabled: false);
        running.SetServerState("e2k13", "exchange9", ServerAdminState.Drain);

        Assert.Empty(orders.Told);
    }

    [Fact]
    public void A_peers_order_is_carried_out_and_not_told_again()
    {
        using LoadBalancer running = Start();
        Orders orders = new();
        running.Replicated.SettingSink = orders;

        Assert.True(running.Replicated.TryApply(new ServerSetting(First, ServerSettingKind.State, 2)));
        Assert.True(running.Replicated.TryApply(new ServerSetting(First, ServerSettingKind.Weight, 77)));
        Assert.True(running.Replicated.TryApply(new ServerSetting(new ServerName("e2k13", "gone"), ServerSettingKind.Weight, 1)));
        Assert.True(running.Replicated.TryApply(new ServerSetting(First, ServerSettingKind.Health, 0)));

        running.ClearCounters(all: false);      // goes through the same thread: all of the above is done
        ServerSnapshot server = running.Snapshot().Proxies[0].Servers[0];
        Assert.Equal((ServerAdminState.Maintenance, 77, ServerHealth.Down), (server.Admin, server.Weight, server.Health));
        Assert.Empty(orders.Told);
    }

    [Fact]
    public void A_table_names_the_servers_of_its_backend()
    {
        using LoadBalancer running = Start();

        ReplicatedContent content = running.Replicated.Content;

        ReplicatedTable table = Assert.Single(content.Tables);
        Assert.Equal(["1 exchange1", "7 exchange2"], table.Servers.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));
        Assert.Equal([First, new ServerName("e2k13", "exchange2")], content.Servers.OrderBy(server => server.Server));
    }

    [Fact]
    public void A_table_without_servers_of_its_own_names_those_on_which_its_users_agree()
    {
        StickRuleModel rule = new(true, true, "clients", null, default);
        BackendModel[] backends =
        [
            new(1, "clients"),
            new(2, "web") { StickRules = [rule], Servers = [Server(1, "exchange1"), Server(2, "exchange2")] },
            new(3, "mapi") { StickRules = [rule], Servers = [Server(1, "exchange1"), Server(2, "other"), Server(3, "third")] },
            new(4, "imap") { Servers = [Server(1, "unrelated")] },
        ];

        IReadOnlyDictionary<int, string> names = ReplicatedServers.Of("clients", backends);

        Assert.Equal(["1 exchange1", "3 third"], names.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"));
    }

    private static ServerModel Server(int id, string name) => new(id, name, IPAddress.Loopback, default);

    private static LoadBalancer Start()
    {
        BackendModel backend = new(1, "e2k13")
        {
            Servers =
            [
                Server(1, "exchange1") with { Port = 1, Weight = 10, Check = true, Inter = TimeSpan.FromDays(1) },
                Server(7, "exchange2") with { Port = 1 },
            ],
            StickTable = new StickTableModel("e2k13", StickKeyKind.IPv4, 100, TimeSpan.FromMinutes(15), false, default),
        };
        ProxyModel proxy = new(1, "e2k13", ProxyKind.Backend, null, backend, default);
        LoadBalancerModel model = new(new GlobalModel { MaxConn = 10 }, [proxy]);
        LoadBalancer made = new(model, new LoadBalancerOptions { ThreadCount = 1 }, new NoStats());
        made.Start();
        return made;
    }

    private sealed class Orders : IServerSettingSink
    {
        public List<ServerSetting> Told { get; } = [];

        public void Changed(in ServerSetting setting) => Told.Add(setting);
    }
}
