using ExchangeLb.Config.Cluster;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests.Cluster;

public sealed class VipDevicesTests
{
    private static readonly string[] Host = ["lo", "eth0", "eth1"];

    [Fact]
    public void A_device_that_the_host_lacks_is_named_with_those_that_it_has() =>
        Assert.Equal("vip 192.0.2.26: this host has no device eht0; it has eth0, eth1", VipDevices.Missing(On("eth0", "eht0"), Host));

    [Fact]
    public void One_that_it_has_is_fine() => Assert.Null(VipDevices.Missing(On("eth0", "eth1"), Host));

    [Fact]
    public void One_that_was_away_before_a_reload_does_not_stand_in_its_way()
    {
        Assert.Null(VipDevices.Missing(On("eth0", "bond0"), On("bond0", "bond0"), Host));
        Assert.NotNull(VipDevices.Missing(On("eth0", "bond1"), On("bond0", "bond0"), Host));
    }

    private static ClusterModel On(string first, string second) => ClusterConfigurationReader.ReadText("cluster.cfg",
        $"cluster pair\n node lb1 192.0.2.1\n node lb2 192.0.2.2\n vip 192.0.2.25/24 dev {first}\n vip 192.0.2.26/24 dev {second}\n", Reading.Hermetic, new DiagnosticList())!;
}
