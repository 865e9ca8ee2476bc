using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Tests.Demo;

/// <summary>
/// Shows the page and the runtime socket over a fake load balancer:
/// <c>dotnet run --project tests/ExchangeLb.Admin.Tests -- article|every-state|many|pair|drifted|gone|dark PORT SOCKET</c>. Ends with its standard input.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments.Length != 3)
        {
            await Console.Error.WriteLineAsync("usage: article|every-state|many|pair|drifted|gone|dark PORT SOCKET");
            return 1;
        }
        var page = new StatsPageModel { Uri = "/", Refresh = TimeSpan.FromSeconds(5) };
        LoadBalancerSnapshot scene = arguments[0] switch
        {
            "article" or "pair" or "drifted" or "gone" or "dark" => Scene.Article(page with { HideVersion = true, Refresh = null }),
            "many" => Scene.Many(page),
            _ => Scene.EveryState(page),
        };
        ClusterSnapshot? pair = arguments[0] switch
        {
            "pair" => ClusterScene.Pair(),
            "drifted" => ClusterScene.Drifted(),
            "gone" => ClusterScene.PeerGone(),
            "dark" => ClusterScene.Dark(),
            _ => null,
        };
        FakeCluster? cluster = pair is null ? null : new FakeCluster((ClusterSnapshot)pair);
        var balancer = new FakeLoadBalancer(scene);
        balancer.Tables["e2k13"] = [.. Enumerable.Range(1, 50).Select(n => new StickEntrySnapshot(
            new IPAddress([10, 1, 2, (byte)n]), 1 + (n % 2), $"exchange{1 + (n % 2)}", TimeSpan.FromSeconds(n), 0))];

        await using var sockets = new RuntimeSockets(() => balancer, TimeProvider.System, cluster: () => cluster);
        foreach (var diagnostic in sockets.Open(new GlobalModel
        {
            StatsSockets = [new StatsSocketModel(arguments[2], null, default) { Level = RuntimeLevel.Admin, FileMode = 0x180 }],
        }))
        {
            await Console.Error.WriteLineAsync(diagnostic.Message);
        }
        await using var stats = new StatsConnections(() => balancer, TimeProvider.System, cluster: () => cluster);
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, int.Parse(arguments[1], CultureInfo.InvariantCulture)));
        listener.Listen();
        Task accepting = Task.Run(() =>
        {
            while (true)
            {
                stats.Take(Descriptors.TakeFrom(listener.Accept()), new FakeStatsSession(scene.Proxies[0].Model));
            }
        });
        await Task.WhenAny(accepting, Console.In.ReadToEndAsync());
        return 0;
    }
}
