using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading.Tasks;
using ExchangeLb.Config;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Lab.Tests.Repair;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.HandOver;
using Xunit;

namespace ExchangeLb.Lab.Tests.HandOver;

/// <summary>A load balancer that runs inside a node's namespace, with the virtual address as its own.</summary>
internal sealed class MovingBalancer : IDisposable
{
    private readonly HostThread _thread;
    private readonly LoadBalancer _balancer;
    private readonly (int MaxConn, int Spare) _limits;

    internal MovingBalancer(RepairNode node, int place, IPAddress vip, string configuration, int maxConn = 1000, int spare = 0, int threads = 2)
    {
        (Node, _limits) = (node, (maxConn, spare));
        _thread = new HostThread(node.Host);
        _balancer = _thread.Do(() => Start(place, vip, configuration, maxConn, spare, threads));
    }

    internal RepairNode Node { get; }

    internal IMovableSessions Movable => _balancer.Movable;

    internal IRecordedSessions Recorded => _balancer.Recorded;

    internal LoadBalancerSnapshot Snapshot() => _balancer.Snapshot();

    internal int Sessions => Proxy.Frontend!.Traffic.CurrentSessions;

    internal ProxySnapshot Proxy => Snapshot().Proxies.First();

    internal void StopSoftly() => _balancer.StopSoftly();

    internal void Cut(IPAddress vip) => _balancer.CutSessions(vip);

    internal void Reload(string configuration) => Assert.Empty(_thread.Do(() => _balancer.Reload(Read(configuration, _limits))));

    internal List<(ulong Session, byte[] Image)> Tell(IPAddress vip)
    {
        List<(ulong, byte[])> told = [];
        Task all = Movable.TellAsync(vip, (session, image) =>
        {
            lock (told) { told.Add((session, image.ToArray())); }
        });
        Assert.True(all.Wait(TimeSpan.FromSeconds(30)), "the loops did not tell of their sessions");
        return told;
    }

    internal FrozenSessions Freeze(IPAddress vip, List<byte[]> images, List<ulong>? asTold = null, bool waiting = true)
    {
        Node.Fence();
        Task<FrozenSessions> frozen = Movable.FreezeAsync(
            vip,
            waiting,
            (_, image) =>
            {
                lock (images) { images.Add(image.ToArray()); }
            },
            sessions =>
            {
                lock (images) { asTold!.AddRange(sessions.Span); }
            });
        Assert.True(frozen.Wait(TimeSpan.FromSeconds(30)), "the loops did not freeze their sessions");
        return frozen.Result;
    }

    /// <summary>Restoring makes sockets, which are of the namespace of the thread that makes them.</summary>
    internal string? Adopt(IPAddress vip, byte[] image) => _thread.Do(() => Movable.Adopt(vip, 0, image));

    internal void AdoptTold(IPAddress vip, ulong session, byte[] image) => _thread.Do(() => Movable.AdoptTold(vip, session, image));

    internal string? Keep(IPAddress vip, ulong[] sessions) => _thread.Do(() => Movable.Keep(vip, sessions));

    internal MissedSessions Settle(IPAddress vip) => _thread.Do(() => Movable.Settle(vip));

    internal int Restore(IPAddress vip) => _thread.Do(() => Recorded.Restore(vip));

    /// <param name="standing">Done once all sockets are there.</param>
    internal TakenOverSessions TakeOver(IPAddress vip, Action? standing = null)
    {
        Task<TakenOverSessions> done = _thread.Do(() => Recorded.TakeOverAsync(vip, link: 0, standing ?? (() => { })));     // its thread is born in the namespace
        Assert.True(done.Wait(TimeSpan.FromSeconds(30)), "the take-over did not end");
        return done.Result;
    }

    internal Task<int> Check(IPAddress vip) => _thread.Do(() => Recorded.CheckAsync(vip, link: 0));

    internal Task<LostSessionsDone> ResetLost(IPAddress vip, byte[] records) => _thread.Do(() => Recorded.ResetLostAsync(vip, link: 0, records));

    internal void Run(IPAddress vip)
    {
        Node.OpenFence();
        _thread.Do(() => Movable.Run(vip, static () => { }));       // what it resets by takes sockets, too
    }

    public void Dispose()
    {
        _balancer.Dispose();
        _thread.Dispose();
    }

    private static LoadBalancer Start(int place, IPAddress vip, string configuration, int maxConn, int spare, int threads)
    {
        LoadBalancerOptions options = new()
        {
            ThreadCount = threads,
            FreeBind = new[] { vip }.ToFrozenSet(),
            ServerSide = new([new MovingAddress(vip, vip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 24 : 64)], PortRange.Of(place, 2)),
        };
        LoadBalancer balancer = new(Read(configuration, (maxConn, spare)), options, new NoStats());
        Assert.Empty(balancer.Open());
        balancer.Start();
        return balancer;
    }

    private static LoadBalancerModel Read(string configuration, (int MaxConn, int Spare) limits)
    {
        DiagnosticList problems = new();
        LoadBalancerModel? model = ConfigurationReader.ReadText("test.cfg", configuration, new ReaderOptions(), problems);
        Assert.True(model is not null, string.Join('\n', problems.Items));
        return model with { Global = model.Global with { MaxConn = limits.MaxConn, SpareDescriptors = limits.Spare } };
    }

    private sealed class NoStats : IStatsConnections
    {
        public void Take(int descriptor, IStatsSession session) => throw new NotSupportedException("nobody asks for the stats page here");
    }
}
