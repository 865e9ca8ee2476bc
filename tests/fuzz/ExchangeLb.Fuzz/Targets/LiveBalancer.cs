using System;
using System.Linq;
using ExchangeLb.Config;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Proxy;

namespace ExchangeLb.Fuzz.Targets;

/// <summary>A load balancer at work, without listeners: what pages show and commands change.</summary>
internal sealed class LiveBalancer : IDisposable
{
    private const string Configuration = """
        global
            maxconn 100
        defaults
            timeout client 1m
            timeout server 1m
            timeout connect 1s
        listen stats
            bind 127.0.0.1:1
            mode http
            stats enable
            stats uri /
            stats auth admin:secret
        listen e2k13
            bind 127.0.0.1:2
            mode tcp
            stick-table type ip size 20k expire 15m
            stick on src
            server exchange1 127.0.0.1:3
            server exchange2 127.0.0.1:4 backup
        """;

    private readonly LoadBalancer _balancer;

    public LiveBalancer()
    {
        var diagnostics = new DiagnosticList();
        LoadBalancerModel model = ConfigurationReader.ReadText("live.cfg", Configuration + "\n", new ReaderOptions(), diagnostics)
            ?? throw new InvalidOperationException(string.Join('\n', diagnostics.Items));
        Stats = model.Proxies.First(proxy => proxy.Stats is not null);
        _balancer = new LoadBalancer(model, new LoadBalancerOptions { ThreadCount = 1, Version = "fuzz" }, new NoConnections());
        _balancer.Start();
    }

    public ProxyModel Stats { get; }

    public ILoadBalancerRuntime Runtime => _balancer;

    public void Dispose() => _balancer.Dispose();

    private sealed class NoConnections : IStatsConnections
    {
        public void Take(int descriptor, IStatsSession session) => throw new InvalidOperationException("nobody listens");
    }
}
