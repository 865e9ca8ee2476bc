using System;
using System.Threading;
using ExchangeLb.Bench.Kernel;
using ExchangeLb.Bench.Proxies;
using ExchangeLb.Bench.Traffic;

namespace ExchangeLb.Bench.Measuring;

/// <summary>A kind of work, of a bounded size, that every proxy gets in turn.</summary>
/// <param name="Name">The word of the command line; several rows may share it.</param>
/// <param name="Run">Does the work through one proxy and gives the measures' values in their order.</param>
internal sealed record Workload(string Name, string Title, Measure[] Measures, Func<Stage, ProxyProcess, double[]> Run)
{
    private const int IdleConnections = 9500;
    private const ulong GiB = 1 << 30;
    private static readonly TimeSpan IdleSettling = TimeSpan.FromMilliseconds(500);

    /// <summary>Bulk is compared with HAProxy's forced splice, too.</summary>
    internal bool IsBulk { get; init; }

    /// <summary>Each run starts the proxy anew: no warm-up, and a number of rounds of its own.</summary>
    internal int? FreshStarts { get; init; }

    internal static readonly Workload[] All =
    [
        new("conn", "new connections, 32 at a time, server closes", Rate("conn/s", 0.95, "conn"),
            (stage, proxy) => RateAndCpu(stage.Measure(proxy, port => ConnectionLoad.Run(port, 15_000, 32, serverCloses: true)))),
        new("conn", "new connections, 32 at a time, client closes", Rate("conn/s", 0.95, "conn"),
            (stage, proxy) => RateAndCpu(stage.Measure(proxy, port => ConnectionLoad.Run(port, 15_000, 32, serverCloses: false)))),
        new("conn", "new connections, one at a time", Rate("conn/s", 0.95, "conn"),
            (stage, proxy) => RateAndCpu(stage.Measure(proxy, port => ConnectionLoad.Run(port, 6_000, 1, serverCloses: true)))),
        new("req", "kept-alive small requests, 32 connections", Rate("req/s", 0.95, "req"),
            (stage, proxy) => RateAndCpu(stage.Measure(proxy, port => RequestLoad.Run(port, 80_000, 32)))),
        new("wrk", "the same by wrk and nginx", Rate("req/s", 0.95, "req"),
            (stage, proxy) => RateAndCpu(stage.Measure(proxy, _ => Nginx.Load(proxy.Plan.WebPort, 32, seconds: 1)))),
        new("down", "1 GiB download", BulkRate(),
            (stage, proxy) => RateAndCpu(stage.Measure(proxy, port => BulkLoad.Download(port, GiB)), perUnit: 1e3)) { IsBulk = true },
        new("up", "1 GiB upload", BulkRate(),
            (stage, proxy) => RateAndCpu(stage.Measure(proxy, port => BulkLoad.Upload(port, GiB)), perUnit: 1e3)) { IsBulk = true },
        new("lat", "2,000 req/s on 50 connections", [new("p50 us"), new("p99 us", AtMost: 1.1), new("CPU us/req")],
            (stage, proxy) => Latency(stage.Measure(proxy, port => PacedLoad.Run(port, 6_000, 50, perSecond: 2_000)))),
        new("idle", "9,500 idle connections",
            [new("RSS MiB at start"), new("PSS MiB at start"), new("RSS MiB", AtMost: 1), new("PSS MiB", AtMost: 1)],
            Memory) { FreshStarts = 3 },
        new("start", "exec to first answered connection", [new("ms")],
            (_, proxy) =>
            {
                proxy.Restart();
                return [proxy.StartTime.TotalMilliseconds];
            }) { FreshStarts = 9 },
    ];

    private static Measure[] Rate(string rate, double target, string unit) =>
        [new(rate, MoreIsBetter: true), new($"CPU us/{unit}", AtMost: target)];

    private static Measure[] BulkRate() => [new("GiB/s", MoreIsBetter: true), new("CPU ms/GiB", AtMost: 0.25, AtMostOfSplice: 0.85)];

    private static double[] RateAndCpu(Measured work, double perUnit = 1e6) =>
        [work.Load.Units / work.Load.Elapsed.TotalSeconds, work.CpuPerUnit * perUnit];

    private static double[] Latency(Measured work) =>
        [work.Load.MedianTime.TotalMicroseconds, work.Load.NinetyNinthTime.TotalMicroseconds, work.CpuPerUnit * 1e6];

    private static double[] Memory(Stage stage, ProxyProcess proxy)
    {
        proxy.Restart();
        var before = ProcessFigures.Of(proxy.Id);
        using var crowd = new IdleCrowd(proxy.Plan.Port, IdleConnections);
        Thread.Sleep(IdleSettling);
        var with = ProcessFigures.Of(proxy.Id);
        crowd.AskAll();
        return [before.ResidentMiB, before.ProportionalMiB, with.ResidentMiB, with.ProportionalMiB];
    }
}
