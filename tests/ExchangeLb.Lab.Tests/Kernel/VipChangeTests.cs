using System;
using System.Collections.Generic;
using System.Net;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>VIPs that come and go in the kernel of a node that owns others.</summary>
public sealed class VipChangeTests(KernelWorld world) : IClassFixture<KernelWorld>
{
    private const string Third = "10.77.0.101";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static ClusterModel Before => KernelWorld.Model(KernelNode.Ms(10_000));

    private static ClusterModel With(int length = 24) => Before with { Vips = [.. Before.Vips, new VipModel(IPAddress.Parse(Third), length, "eth0", [])] };

    [LabTheory]
    [InlineData(2)]
    public void One_that_comes_is_fenced_and_leaves_the_leases_of_others_alone(int place)
    {
        using KernelNode one = world.Node(1);
        Assert.True(one.Acquire(KernelWorld.V4, Long));
        double before = Listing.LeaseMs(one.Host, KernelWorld.V4);

        one.Do(kernel =>
        {
            Assert.Null(kernel.Admit(With(), out IReadOnlyList<int> admitted));
            Assert.Equal([place], admitted);
            kernel.Use(With());
        });
        one.Drain();

        Assert.DoesNotContain("flushed", one.Heard);
        Assert.InRange(Listing.LeaseMs(one.Host, KernelWorld.V4), 1, before);
        Assert.True(Fences(one));
        Assert.True(one.Acquire(place, Long));
        Assert.True(HasAddress(one, $"{Third}/24"));
    }

    [LabTheory]
    [InlineData(2)]
    public void One_that_goes_leaves_nothing_behind_and_may_come_again(int place)
    {
        using KernelNode one = world.Node(1);
        one.Do(kernel => { kernel.Admit(With(), out _); kernel.Use(With()); });
        Assert.True(one.Acquire(KernelWorld.V4, Long) && one.Acquire(place, Long));

        Assert.True(one.Do(kernel => kernel.Release(place)));
        Eventually.Holds(Patience, () => one.Do(kernel => kernel.Dismiss(place)), () => "its address is not deleted");
        one.Drain();

        Assert.DoesNotContain("flushed", one.Heard);
        Assert.False(HasAddress(one, Third + "/"));
        Assert.False(Fences(one));
        Assert.False(one.Do(kernel => kernel.Claim(place, Long)));      // without its fence it gets no address
        Assert.False(HasAddress(one, Third + "/"));
        Assert.True(Listing.LeaseMs(one.Host, KernelWorld.V4) > 0);
        one.Do(kernel => { Assert.Null(kernel.Admit(With(), out _)); });
        Assert.True(Fences(one) && one.Acquire(place, Long));
    }

    [LabTheory]
    [InlineData(KernelWorld.V4, 24, 32)]
    [InlineData(KernelWorld.V6, 64, 128)]
    public void Another_prefix_length_is_taken_over_while_it_is_owned(int vip, int before, int after)
    {
        using KernelNode one = world.Node(1);
        Assert.True(one.Acquire(vip, Long));
        string address = vip == KernelWorld.V4 ? KernelWorld.Vip4 : KernelWorld.Vip6;
        Assert.True(HasAddress(one, $"{address}/{before}"));

        ClusterModel next = Before with { Vips = Before.Vips.SetItem(vip, Before.Vips[vip] with { PrefixLength = after }) };
        one.Do(kernel => { Assert.Null(kernel.Admit(next, out _)); Assert.Equal([vip], kernel.Use(next)); });

        Eventually.Holds(Patience, () => HasAddress(one, $"{address}/{after}") && !HasAddress(one, $"{address}/{before}"), () => one.Host.Run("ip", "address", "show", "dev", "eth0"));
        Assert.True(Listing.LeaseMs(one.Host, vip) > 0);
    }

    [LabTheory]
    [InlineData("eth7")]
    public void Another_device_is_taken_over_while_it_is_owned(string device)
    {
        using KernelNode one = world.Node(1);
        one.Host.Ip("link", "add", device, "type", "veth", "peer", "name", device + "peer");
        one.Host.Ip("link", "set", device, "up");
        Assert.True(one.Acquire(KernelWorld.V4, Long));

        ClusterModel next = Before with { Vips = Before.Vips.SetItem(0, Before.Vips[0] with { Device = device }) };
        one.Do(kernel => { Assert.Null(kernel.Admit(next, out _)); Assert.Equal([0], kernel.Use(next)); });

        Eventually.Holds(Patience, () => one.Host.Run("ip", "address", "show", "dev", device).Contains(KernelWorld.Vip4 + "/", StringComparison.Ordinal)
            && !HasAddress(one, KernelWorld.Vip4 + "/"), () => one.Host.Run("ip", "address"));
        Assert.Contains($"\"{device}\"", one.Host.Run("nft", "list", "table", "netdev", "exchangelb_fence"), StringComparison.Ordinal);
        one.Host.Ip("link", "delete", device);
    }

    [LabTheory]
    [InlineData(2)]
    public void The_guard_gives_up_what_came_once_it_is_told(int place)
    {
        using KernelNode one = world.Node(1);
        using var guard = one.OpenGuard(Before);
        one.Do(kernel => { kernel.Admit(With(), out _); kernel.Use(With()); });
        Assert.True(one.Acquire(place, Long));

        guard.Use(With().Vips);

        Assert.True(one.InHost(() => guard.Release(place, KernelNode.Incarnation)));
        Assert.False(HasAddress(one, Third + "/"));
    }

    private static bool Fences(KernelNode node) =>
        node.Host.Run("nft", "list", "set", "inet", "exchangelb_fence", "vips4").Contains(Third, StringComparison.Ordinal)
        && node.Host.Run("nft", "list", "set", "arp", "exchangelb_fence", "vips4").Contains(Third, StringComparison.Ordinal);

    private static bool HasAddress(KernelNode node, string text) => node.Host.Run("ip", "address", "show", "dev", "eth0").Contains(text, StringComparison.Ordinal);
}
