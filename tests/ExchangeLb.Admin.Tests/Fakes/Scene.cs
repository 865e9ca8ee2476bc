using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Tests.Fakes;

/// <summary>Load balancers to look at.</summary>
internal static class Scene
{
    private static readonly SourcePlace Place = new("haproxy.cfg", 1);

    public static ProcessSnapshot Process { get; } = new()
    {
        Version = "0.1.0",
        Pid = 4711,
        ThreadCount = 2,
        Uptime = new TimeSpan(12, 3, 4, 5),
        Node = "lb1",
        Description = "Exchange, Building 7",
        DescriptorLimit = 20000,
        MaxConn = 9500,
        CurrentConnections = 1234,
        MaxConnectionsSeen = 3456,
        TotalConnections = 8_123_456,
        ConnectionRate = 37,
        MaxConnectionRate = 812,
        BytesOutTotal = 7_654_321_098_765,
        IdlePercent = 93,
        PipesUsed = 3,
        PipesFree = 13,
    };

    /// <summary>The article's configuration on a working day.</summary>
    public static LoadBalancerSnapshot Article(StatsPageModel? page = null) => new(Process,
    [
        Stats(page),
        Listen(3, "e2k13",
        [
            Up(1, "exchange1", "192.168.200.103"),
            Up(2, "exchange2", "192.168.200.104"),
        ]),
    ]);

    /// <summary>Every state that there is, and names longer than anybody should give.</summary>
    public static LoadBalancerSnapshot EveryState(StatsPageModel? page = null) => new(Process,
    [
        Stats(page),
        Listen(3, "e2k13",
        [
            Up(1, "exchange1", "192.168.200.103"),
            Up(2, "exchange2", "192.168.200.104") with { Admin = ServerAdminState.Drain },
            Down(3, "exchange3", "192.168.200.105"),
            Up(4, "exchange4", "192.168.200.106") with
            {
                ContraryChecks = 2,
                Check = Check(CheckResult.TlsTimeout, 2, 10000) with { Running = true },
                SinceChange = TimeSpan.FromSeconds(8000),
            },
            Up(5, "exchange5", "192.168.200.107") with { Admin = ServerAdminState.Maintenance, SinceChange = TimeSpan.FromMinutes(95) },
            Up(6, "full", "192.168.200.108") with { Model = Model(6, "full", "192.168.200.108") with { MaxConn = 584, MaxQueue = 20 }, Queued = 7, MaxQueued = 19, Weight = 5 },
            Up(7, "unchecked", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff") with { Health = ServerHealth.NotChecked, Check = null },
            Down(8, "recovering", "192.168.200.110") with { Check = Check(CheckResult.TlsOk, 1, 3) with { Info = "TLS handshake" } },
            Up(9, "a-server-with-a-name-that-somebody-made-from-the-asset-number-of-the-machine-0815-4711", "192.168.200.111")
                with { Model = Model(9, "a-server-with-a-name-that-somebody-made-from-the-asset-number-of-the-machine-0815-4711", "192.168.200.111") with { Backup = true } },
        ]),
        Listen(4, "smtp", [Down(1, "hub1", "192.168.200.120"), Down(2, "hub2", "192.168.200.121")]) with
        {
            Backend = new BackendSnapshot { Up = false, SessionLimit = 950, SinceChange = TimeSpan.FromSeconds(75), Downtime = TimeSpan.FromSeconds(75) },
            StickTable = null,
        },
    ]);

    /// <summary>Thirty servers.</summary>
    public static LoadBalancerSnapshot Many(StatsPageModel? page = null) => new(Process,
    [
        Stats(page),
        Listen(3, "farm", [.. Enumerable.Range(1, 30).Select(n => n == 17
            ? Down(n, $"node{n:00}", $"10.0.0.{n}")
            : Up(n, $"node{n:00}", $"10.0.0.{n}"))]),
    ]);

    public static ProxySnapshot Stats(StatsPageModel? page)
    {
        var model = new ProxyModel(2, "stats", ProxyKind.Listen,
            new FrontendModel(2, "stats") { ClientTimeout = TimeSpan.FromSeconds(10) }, new BackendModel(2, "stats"), Place)
        {
            Mode = ProxyMode.Http,
            Stats = page ?? new StatsPageModel { Uri = "/", HideVersion = true },
        };
        return new ProxySnapshot(model)
        {
            Frontend = new FrontendSnapshot
            {
                SessionLimit = 9500,
                ConnectionsTotal = 1300,
                HttpRequests = 1290,
                HttpResponses = [0, 1280, 0, 10, 0, 0],
                RequestErrors = 2,
                Addresses = ["192.168.200.25:80"],
                Traffic = new TrafficSnapshot { CurrentSessions = 1, MaxSessions = 4, TotalSessions = 1300, BytesIn = 512_000, BytesOut = 18_900_000 },
            },
            Backend = new BackendSnapshot { Up = true, SessionLimit = 950, SinceChange = Process.Uptime },
        };
    }

    public static ProxySnapshot Listen(int id, string name, ImmutableArray<ServerSnapshot> servers)
    {
        var table = new StickTableModel(name, StickKeyKind.IPv4, 20480, TimeSpan.FromMinutes(15), NoPurge: false, Place);
        var model = new ProxyModel(id, name, ProxyKind.Listen, new FrontendModel(id, name),
            new BackendModel(id, name) { Servers = [.. servers.Select(server => server.Model)], StickTable = table, Check = new SslHelloCheckModel(false) }, Place);
        return new ProxySnapshot(model)
        {
            Frontend = new FrontendSnapshot
            {
                SessionLimit = 9500,
                ConnectionsTotal = 2_118_180,
                ConnectionRate = 36,
                MaxConnectionRate = 801,
                Addresses = ["192.168.200.25:443"],
                Traffic = Traffic(1180),
            },
            Servers = servers,
            Backend = new BackendSnapshot
            {
                Up = true,
                SessionLimit = 950,
                Weight = servers.Sum(server => server.Weight),
                ActiveServers = servers.Count(server => !server.Model.Backup && server.Health != ServerHealth.Down),
                BackupServers = servers.Count(server => server.Model.Backup),
                Traffic = Traffic(1180),
                SinceChange = Process.Uptime,
                SelectedTotal = 8_000_000,
                SinceLastSession = TimeSpan.FromSeconds(1),
                ConnectionErrors = 12,
                Retries = 14,
                Redispatches = 3,
            },
            StickTable = new StickTableSnapshot(table, 18231),
        };
    }

    public static ServerModel Model(int id, string name, string address) => new(id, name, IPAddress.Parse(address), Place)
    {
        Port = 443,
        Check = true,
    };

    public static ServerSnapshot Up(int id, string name, string address) => new(Model(id, name, address))
    {
        Health = ServerHealth.Up,
        Weight = 1,
        InitialWeight = 1,
        Address = new IPEndPoint(IPAddress.Parse(address), 443),
        Traffic = Traffic(590 - id),
        SinceChange = new TimeSpan(3, 4, 5, 6),
        SelectedTotal = 4_000_000,
        SinceLastSession = TimeSpan.FromSeconds(id),
        Check = Check(CheckResult.TlsOk, 4, 3) with { Info = "TLS handshake" },
        Means = new MeanTimes(0, 1, 65000, 0, 30, 900000),
        ConnectAttempts = 4_000_010,
        Downtime = id % 2 == 0 ? TimeSpan.FromSeconds(132) : TimeSpan.Zero,
        DownTransitions = id % 2 == 0 ? 2 : 0,
        CheckFailures = id % 2 == 0 ? 9 : 0,
    };

    public static ServerSnapshot Down(int id, string name, string address) => Up(id, name, address) with
    {
        Health = ServerHealth.Down,
        Traffic = Traffic(0),
        ConnectionErrors = 12,
        Retries = 14,
        Redispatches = 3,
        SinceChange = TimeSpan.FromSeconds(75),
        Downtime = TimeSpan.FromSeconds(75),
        DownTransitions = 1,
        CheckFailures = 3,
        Check = Check(CheckResult.ConnectError, 0, 0) with { Info = "Connection refused" },
    };

    public static CheckSnapshot Check(CheckResult result, int health, int durationMs) =>
        new(result) { Health = health, DurationMs = durationMs, Rise = 2, Fall = 3, Code = 0x16 };

    private static TrafficSnapshot Traffic(int sessions) => new()
    {
        CurrentSessions = sessions,
        MaxSessions = Math.Max(sessions, 584),
        TotalSessions = 2_117_000 + sessions,
        BytesIn = 812_345_678_901,
        BytesOut = 3_912_345_678_901,
        SessionRate = sessions / 30,
        MaxSessionRate = 400,
    };
}
