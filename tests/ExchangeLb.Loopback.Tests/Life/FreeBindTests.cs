using System.Collections.Generic;
using System.Collections.Immutable;
using System.Net;
using ExchangeLb.Config;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using ExchangeLb.Proxy;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Life;

/// <summary>Listening on addresses that the host does not have (yet); the addresses are for documentation (RFC 5737, RFC 3849).</summary>
public sealed class FreeBindTests
{
    [Theory, InlineData("192.0.2.25", "192.0.2.25:4430"), InlineData("2001:db8::25", "2001:db8::25:4430")]
    public void An_address_that_comes_with_its_ownership_is_listened_on_before_it_is_there(string address, string bind)
    {
        using LoadBalancer balancer = Listening(bind, [IPAddress.Parse(address)]);
        Assert.Empty(balancer.Open());
        balancer.Start();
    }

    [Fact]
    public void Another_address_that_the_host_lacks_is_refused()
    {
        using LoadBalancer balancer = Listening("192.0.2.26:4430", [IPAddress.Parse("192.0.2.25")]);
        ImmutableArray<Diagnostic> problems = balancer.Open();
        Assert.Contains("this host has no such address", Assert.Single(problems).Message);
    }

    private static LoadBalancer Listening(string bind, HashSet<IPAddress> free)
    {
        var model = ConfigurationReader.ReadText(
            "test.cfg", $"listen web\n    mode tcp\n    bind {bind}\n", new ReaderOptions(), new DiagnosticList())!;
        return new LoadBalancer(
            model with { Global = model.Global with { MaxConn = 10 } },
            new LoadBalancerOptions { ThreadCount = 2, FreeBind = free },
            new NoPages());
    }

    private sealed class NoPages : IStatsConnections
    {
        public void Take(int descriptor, IStatsSession session) => Linux.Calls.Descriptor.Close(descriptor);
    }
}
