using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Net;
using ExchangeLb.Config;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Proxy;
using Xunit;

namespace ExchangeLb.House.Tests;

/// <summary>What `-c` accepts can be started: a load balancer is made, without listeners, of each golden configuration that is not refused.</summary>
public sealed class AcceptedConfigurationsTests
{
    private const string Golden = "tests/ExchangeLb.Config.Tests/Golden";

    private static readonly ReaderOptions Options = new()
    {
        Environment = name => name switch
        {
            "PORT" => "8443",
            "EMPTY" => "",
            _ => null,
        },
        Resolve = _ => [IPAddress.Loopback],
        ReadTextFile = file => Repository.Exists($"{Golden}/{file}") ? Repository.Read($"{Golden}/{file}") : null,
        HostName = "lb1",
    };

    public static TheoryData<string> Accepted => [.. Repository.FilesWith(".cfg").Where(IsAccepted)];

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_load_balancer_can_be_made_of_a_configuration_that_is_accepted(string file)
    {
        DiagnosticList diagnostics = new();
        byte[] text = File.ReadAllBytes(Path.Combine(Repository.Root, file));
        LoadBalancerModel? model = ConfigurationReader.ReadText(file, text, Options, diagnostics);
        Assert.NotNull(model);

        using LoadBalancer made = new(ForThisHost(model), new LoadBalancerOptions { ThreadCount = 1 }, new NoStats());

        Assert.Equal(model.Proxies.Length, made.Snapshot().Proxies.Length);
    }

    private static bool IsAccepted(string file)
    {
        string expected = Path.ChangeExtension(file, ".expected");
        return file.StartsWith(Golden, StringComparison.Ordinal)
            && Repository.Exists(expected) && !Repository.Read(expected).EndsWith("refused\n", StringComparison.Ordinal);
    }

    /// <summary>
    /// A log to a descriptor makes that descriptor non-blocking; here it would be one of the test runner's. The number of connections
    /// is what the program makes out of the host's limits.
    /// </summary>
    private static LoadBalancerModel ForThisHost(LoadBalancerModel model) => model with
    {
        Global = model.Global with { LogTargets = Datagrams(model.Global.LogTargets), MaxConn = 1000 },
        Proxies =
        [
            .. model.Proxies.Select(proxy => proxy with
            {
                Frontend = proxy.Frontend is { } front ? front with { LogTargets = Datagrams(front.LogTargets) } : null,
                Backend = proxy.Backend is { } back ? back with { LogTargets = Datagrams(back.LogTargets) } : null,
            }),
        ],
    };

    private static ImmutableArray<LogTargetModel> Datagrams(IEnumerable<LogTargetModel> targets) =>
        [.. targets.Where(target => target.Kind is LogTargetKind.Udp or LogTargetKind.UnixDatagram)];

    /// <summary>Never asked: nothing listens.</summary>
    private sealed class NoStats : IStatsConnections
    {
        public void Take(int descriptor, IStatsSession session) => throw new InvalidOperationException("no connection can have been accepted");
    }
}
