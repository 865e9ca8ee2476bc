using System;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>The kernel gives an IPv6 address its route and its group of neighbours in a work queue, which a busy host comes to late. We don't wait for it.</summary>
public sealed class AddressTests(KernelWorld world) : IClassFixture<KernelWorld>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [LabFact]
    public void An_IPv6_address_that_is_claimed_is_delivered_at_once()
    {
        using KernelNode node = world.Node(1);

        Assert.True(node.Do(kernel => kernel.Claim(KernelWorld.V6, KernelNode.Ms(10_000))));

        Assert.Matches("^local fd77::100 dev eth0 .*expires [0-9]+sec", Listing.LocalRoute(node.Host));
    }

    [LabFact]
    public void Neighbours_questions_for_an_IPv6_address_reach_a_host_that_has_had_it_before()
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Do(kernel => kernel.Claim(KernelWorld.V6, KernelNode.Ms(10_000))));
        Eventually.Holds(Patience, () => Listing.HasKernelsRoute(node.Host), () => "the kernel's work queue does not come to the address");
        Assert.True(node.Do(kernel => kernel.DropClaim(KernelWorld.V6)));
        Eventually.Holds(Patience, () => !Listing.HasAddress(node.Host, KernelWorld.V6), () => "the address stays");

        Assert.Contains("ff02::1:ff00:100", node.Host.Run("ip", "-6", "maddress", "show", "dev", "eth0"), StringComparison.Ordinal);
    }

    [LabTheory]
    [InlineData("released")]
    [InlineData("claim dropped")]
    public void The_route_goes_with_the_address(string how)
    {
        using KernelNode node = world.Node(1);
        Assert.True(how == "released" ? node.Acquire(KernelWorld.V6, KernelNode.Ms(10_000)) : node.Do(kernel => kernel.Claim(KernelWorld.V6, KernelNode.Ms(10_000))));

        Assert.True(node.Do(kernel => how == "released" ? kernel.Release(KernelWorld.V6) : kernel.DropClaim(KernelWorld.V6)));

        Eventually.Holds(Patience, () => !Listing.HasAddress(node.Host, KernelWorld.V6) && Listing.LocalRoute(node.Host) == "", () => Listing.LocalRoute(node.Host));
    }

    [LabFact]
    public void The_route_runs_out_where_nobody_takes_it_away()
    {
        using KernelNode node = world.Node(1, leaseMs: 400);
        Assert.True(node.Do(kernel => kernel.Claim(KernelWorld.V6, KernelNode.Ms(10_000))));

        Eventually.Holds(Patience, () => !node.Host.Run("ip", "-6", "route", "get", KernelWorld.Vip6).StartsWith("local", StringComparison.Ordinal), () => Listing.LocalRoute(node.Host));
    }
}
