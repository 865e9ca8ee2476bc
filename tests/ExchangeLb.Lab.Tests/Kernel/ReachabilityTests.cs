using System;
using System.Linq;
using System.Net;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Clocks;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Lab.Tests.Kernel;

public sealed class ReachabilityTests(KernelWorld world, ITestOutputHelper output) : IClassFixture<KernelWorld>
{
    private static readonly IPAddress[] Neighbours =
        [IPAddress.Parse("10.77.0.11"), IPAddress.Parse("fd77::11"), IPAddress.Parse("10.77.0.22"), IPAddress.Parse("10.77.0.99")];

    [LabFact]
    public void Neighbours_are_reached_until_they_are_cut_off_and_again_afterwards()
    {
        using HostThread host = new(world.Hosts[0]);
        using Reachability reachability = host.Do(() => new Reachability("eth0", Neighbours, [IPAddress.Parse(KernelWorld.Vip4)], new MonotonicClock()));
        Becomes(host, reachability, "10.77.0.99");

        TimeSpan cut;
        TimeSpan lost;
        try
        {
            cut = KernelClock.Monotonic;
            world.Port("client", up: false);
            Becomes(host, reachability, "10.77.0.11 fd77::11 10.77.0.99");
            lost = KernelClock.Monotonic;
        }
        finally
        {
            world.Port("client", up: true);
        }
        Becomes(host, reachability, "10.77.0.99");

        output.WriteLine($"lost {(lost - cut).TotalMilliseconds:0} ms after the cut began");
        Assert.Equal(3, host.Do(() => reachability.Reached));
    }

    [LabFact]
    public void Without_carrier_nobody_is_reached()
    {
        using HostThread host = new(world.Hosts[0]);
        using Reachability reachability = host.Do(() => new Reachability("eth0", Neighbours, [], new MonotonicClock()));
        Becomes(host, reachability, "10.77.0.99");
        try
        {
            world.Port("lb1", up: false);
            Becomes(host, reachability, "10.77.0.11 fd77::11 10.77.0.22 10.77.0.99");
        }
        finally
        {
            world.Port("lb1", up: true);
        }
        Becomes(host, reachability, "10.77.0.99");
    }

    [LabFact]
    public void Only_what_is_on_the_link_can_be_asked()
    {
        using HostThread host = new(world.Hosts[0]);
        IPAddress[] addresses = [IPAddress.Parse("10.77.0.1"), IPAddress.Parse("10.78.0.1"), IPAddress.Parse("fd77::1"), IPAddress.Parse("fd78::1")];

        string onLink = string.Join(' ', host.Do(() => Reachability.OnLink("eth0", addresses)));

        Assert.Equal("10.77.0.1 fd77::1", onLink);
    }

    private static void Becomes(HostThread host, Reachability reachability, string unreached) =>
        Eventually.Holds(
            Eventually.Seconds(10),
            () => host.Do(() =>
            {
                reachability.Tick();
                return string.Join(' ', reachability.Unreached) == unreached;
            }),
            () => string.Join(' ', reachability.Unreached.Select(address => address.ToString())));
}
