using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Config;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Loopback.Tests.Fakes;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.HandOver;

namespace ExchangeLb.Loopback.Tests.Balancers;

/// <summary>Our load balancer in this process, on real sockets, run from the text of a haproxy.cfg.</summary>
internal sealed class Site : IBalancer
{
    private Site(LoadBalancer balancer, IPEndPoint front, LogCollector log)
    {
        Balancer = balancer;
        Front = front;
        Log = log;
    }

    public LoadBalancer Balancer { get; }

    public IPEndPoint Front { get; }

    public LogCollector Log { get; }

    /// <param name="sections">Proxies of the configuration; see <see cref="SiteText"/>.</param>
    /// <param name="global">More lines of the global section.</param>
    /// <param name="front">Where FRONT is; null: a fresh address.</param>
    /// <param name="serverSide">Of a node of a cluster; null: it stands alone.</param>
    public static Site Start(string sections, int loops = 1, string global = "", IPEndPoint? front = null, ServerSideOptions? serverSide = null)
    {
        IPEndPoint at = front ?? Addresses.FreshEndPoint();
        var log = new LogCollector();
        return new Site(Run(SiteText.Of(sections, at, log, global), loops, serverSide), at, log);
    }

    /// <summary>A whole configuration at work.</summary>
    public static LoadBalancer Run(string configuration, int loops, ServerSideOptions? serverSide = null)
    {
        var options = new LoadBalancerOptions { ThreadCount = loops, ServerSide = serverSide ?? ServerSideOptions.None };
        var balancer = new LoadBalancer(Read(configuration), options, new NoStats());
        var problems = balancer.Open();
        if (problems.Length > 0)
        {
            throw new InvalidOperationException(Told(problems));
        }
        balancer.Start();
        return balancer;
    }

    /// <summary>Goes on with other sections, at the same FRONT and with the same log; what there was to say.</summary>
    public IReadOnlyList<Diagnostic> Reload(string sections, string global = "") =>
        Balancer.Reload(Read(SiteText.Of(sections, Front, Log, global)));

    public Peer Connect(IPAddress? from = null, int receiveBuffer = 0) => Peer.Connect(Front, from, receiveBuffer);

    public long Count(string proxy, string row, string column)
    {
        ProxySnapshot found = Proxy(proxy);
        return row switch
        {
            "FRONTEND" => StatColumns.Of(found.Frontend!, column),
            "BACKEND" => StatColumns.Of(found.Backend!, column),
            _ => StatColumns.Of(found.Servers.First(server => server.Model.Name == row), column),
        };
    }

    public long Waiting(string proxy) => Proxy(proxy).Backend!.Queued + Proxy(proxy).Servers.Sum(server => server.Queued);

    public ProxySnapshot Proxy(string name) => Balancer.Snapshot().Proxies.First(proxy => proxy.Model.Name == name);

    public ServerSnapshot Server(string proxy, string server) => Proxy(proxy).Servers.First(row => row.Model.Name == server);

    public void Dispose()
    {
        Balancer.Dispose();
        Log.Dispose();
    }

    private static LoadBalancerModel Read(string configuration)
    {
        var diagnostics = new DiagnosticList();
        LoadBalancerModel? model = ConfigurationReader.ReadText("test.cfg", configuration, new ReaderOptions(), diagnostics);
        if (model is null)
        {
            throw new ArgumentException(Told(diagnostics.Items));
        }
        int maxConn = model.Global.MaxConn > 0 ? model.Global.MaxConn : 2000;      // the program derives it from the descriptor limit
        return model with { Global = model.Global with { MaxConn = maxConn } };
    }

    private static string Told(IEnumerable<Diagnostic> diagnostics) => string.Join('\n', diagnostics);

    /// <summary>No test here asks for the stats page: a connection to it is closed.</summary>
    private sealed class NoStats : IStatsConnections
    {
        public void Take(int descriptor, IStatsSession session)
        {
            Linux.Calls.Descriptor.Close(descriptor);
            session.Closed();
        }
    }
}
