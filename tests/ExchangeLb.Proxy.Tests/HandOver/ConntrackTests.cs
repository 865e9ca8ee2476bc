using System;
using System.IO;
using ExchangeLb.Proxy.HandOver;
using Xunit;

namespace ExchangeLb.Proxy.Tests.HandOver;

/// <summary>In strict mode (nf_conntrack_tcp_loose 0) a host would drop all packets of a connection that began elsewhere: it takes none, and says why.</summary>
public sealed class ConntrackTests : IDisposable
{
    private readonly string _setting = Path.GetTempFileName();

    [Fact]
    public void Strict_mode_is_named_with_its_remedy()
    {
        File.WriteAllText(_setting, "0\n");

        Assert.Equal($"conntrack takes connections of other nodes for invalid: echo 1 > {_setting}", SessionRestoring.LackOfConntrack(_setting));
    }

    [Fact]
    public void The_usual_mode_and_a_host_without_conntrack_lack_nothing()
    {
        File.WriteAllText(_setting, "1\n");
        Assert.Null(SessionRestoring.LackOfConntrack(_setting));

        File.Delete(_setting);

        Assert.Null(SessionRestoring.LackOfConntrack(_setting));
    }

    public void Dispose() => File.Delete(_setting);
}
