using System;
using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Config;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Proxy;
using ExchangeLb.Proxy.HandOver;

namespace ExchangeLb.StandIn;

/// <summary>The proxy with its recording, and its line to the guard. Says again and again what it told. Ends in order on SIGTERM.</summary>
internal static class StandInBalancer
{
    private const int MaxConn = 4000;
    private const int LookEveryMs = 50;

    public static int Run(string state, string configuration, string vipText, string records)
    {
        ClusterFiles files = new(state);
        var vip = IPAddress.Parse(vipText);
        using LoadBalancer balancer = Open(configuration, vip);
        using Socket told = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendBufferSize = 1 << 20 };
        told.Connect(new UnixDomainSocketEndPoint(records));
        GuardLink guard = new(files.Paths, "stand-in", incarnation: 1, (kind, text) => Console.WriteLine($"{kind}: {text}")) { OfUnit = true };
        guard.Protect(GuardTalk.Form(files.Paths.ClusterFile), []);
        if (guard.Start() is { } problem)
        {
            Console.Error.WriteLine(problem);
            return 1;
        }
        using ManualResetEventSlim ending = new();
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            ending.Set();
        });
        balancer.Start();
        balancer.Recorded.HoldIn(guard.Sockets);
        balancer.Recorded.Begin(vip, 1, batch => told.Send(batch));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {Environment.ProcessId}"));
        while (!ending.Wait(LookEveryMs))
        {
            RecordingFigures figures = balancer.Recorded.Figures;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"quiet {figures.Snapshots - figures.Awakenings} told {figures.Bytes}"));
        }
        guard.SayEnding();
        balancer.Stop();
        balancer.Completion.Wait();
        guard.DisposeAsync().AsTask().Wait();
        return 0;
    }

    private static LoadBalancer Open(string configuration, IPAddress vip)
    {
        DiagnosticList problems = new();
        LoadBalancerModel model = ConfigurationReader.Read([configuration], new ReaderOptions(), problems)
            ?? throw new InvalidOperationException(string.Join('\n', problems.Items));
        LoadBalancerOptions options = new()
        {
            ThreadCount = 2,
            FreeBind = new[] { vip }.ToFrozenSet(),
            ServerSide = new([new MovingAddress(vip, vip.AddressFamily == AddressFamily.InterNetwork ? 24 : 64)], PortRange.Of(0, 2)),
        };
        LoadBalancer balancer = new(model with { Global = model.Global with { MaxConn = MaxConn } }, options, new NoStats());
        return balancer.Open() is { IsEmpty: true } ? balancer : throw new InvalidOperationException("its addresses could not be opened");
    }

    private sealed class NoStats : IStatsConnections
    {
        public void Take(int descriptor, IStatsSession session) => throw new NotSupportedException("nobody asks for the stats page here");
    }
}
