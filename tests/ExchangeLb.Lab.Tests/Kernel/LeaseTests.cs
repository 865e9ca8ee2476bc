using System;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>Claim, permit and lease as the kernel itself keeps them.</summary>
public sealed class LeaseTests(KernelWorld world) : IClassFixture<KernelWorld>
{
    [LabTheory]
    [InlineData(KernelWorld.V4)]
    [InlineData(KernelWorld.V6)]
    public void A_lease_is_acquired_renewed_and_released(int vip)
    {
        using KernelNode node = world.Node(1);

        Assert.True(node.Acquire(vip, KernelNode.Ms(400)));
        Assert.True(node.Renew(vip, KernelNode.Ms(400)));
        Assert.True(node.Do(kernel => kernel.Release(vip)));
        Assert.True(node.Do(kernel => kernel.Release(vip)));
        Assert.False(node.Renew(vip, KernelNode.Ms(400)));
    }

    [LabTheory]
    [InlineData(KernelWorld.V4, 10)]
    [InlineData(KernelWorld.V6, 50)]
    public void An_expired_permit_refuses_the_commit_whole(int vip, int permitMs)
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(vip, KernelNode.Ms(2000)));

        bool committed = node.Do(kernel =>
        {
            kernel.Permit(vip, KernelNode.Ms(permitMs));
            Elapse.For(KernelNode.Ms(permitMs + 1));
            return kernel.Commit(vip, CommitKind.Renew, KernelNode.Incarnation, KernelNode.Ms(5000));
        });

        Assert.False(committed);
        Assert.InRange(Listing.LeaseMs(node.Host, vip), 1, 2000);
    }

    [LabTheory]
    [InlineData(KernelWorld.V4)]
    [InlineData(KernelWorld.V6)]
    public void An_expired_claim_is_not_acquired(int vip)
    {
        using KernelNode node = world.Node(1);

        bool committed = node.Do(kernel =>
        {
            kernel.Claim(vip, KernelNode.Ms(30));
            Elapse.For(KernelNode.Ms(31));
            return kernel.Permit(vip, KernelNode.Ms(40)) && kernel.Commit(vip, CommitKind.Acquire, KernelNode.Incarnation, KernelNode.Ms(400));
        });

        Assert.False(committed);
        Assert.Equal(0, Listing.LeaseMs(node.Host, vip));
    }

    [LabTheory]
    [InlineData(KernelWorld.V4)]
    [InlineData(KernelWorld.V6)]
    public void An_expired_lease_is_not_renewed_even_at_once(int vip)
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(vip, KernelNode.Ms(60)));

        bool renewed = node.Do(kernel =>
        {
            Elapse.For(KernelNode.Ms(61));   // the kernel has not collected the element by then
            return kernel.Permit(vip, KernelNode.Ms(40)) && kernel.Commit(vip, CommitKind.Renew, KernelNode.Incarnation, KernelNode.Ms(400));
        });

        Assert.False(renewed);
        Assert.True(node.Acquire(vip, KernelNode.Ms(400)));
    }

    [LabFact]
    public void A_guard_deletes_the_lease_of_the_incarnation_that_it_watched_and_of_no_other()
    {
        using KernelNode node = world.Node(1);
        using GuardKernel guard = node.OpenGuard(KernelWorld.Model(KernelNode.Ms(400)));
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(2000)));

        bool other = node.InHost(() => guard.Release(KernelWorld.V4, KernelNode.Incarnation - 1));
        double keptMs = Listing.LeaseMs(node.Host, KernelWorld.V4);
        bool own = node.InHost(() => guard.Release(KernelWorld.V4, KernelNode.Incarnation));

        Assert.Equal((false, true), (other, own));
        Assert.True(keptMs > 0);
        Assert.Equal(0, Listing.LeaseMs(node.Host, KernelWorld.V4));
        Assert.False(Listing.HasAddress(node.Host, KernelWorld.V4));
        Assert.True(node.InHost(() => guard.Release(KernelWorld.V4, KernelNode.Incarnation)));
    }

    [LabFact]
    public void The_address_lives_for_whole_seconds_and_goes_by_itself()
    {
        using KernelNode node = world.Node(1);

        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(400)));
        Assert.True(node.Acquire(KernelWorld.V6, KernelNode.Ms(400)));
        string addresses = node.Host.Run("ip", "address", "show", "dev", "eth0");

        Assert.Matches(@"10\.77\.0\.100/24 .*secondary.*\n +valid_lft [12]sec", addresses);
        Assert.Matches(@"fd77::100/64 .*nodad.*deprecated.*\n +valid_lft [12]sec preferred_lft 0sec|fd77::100/64 .*deprecated.*nodad.*\n +valid_lft [12]sec preferred_lft 0sec", addresses);
        Eventually.Holds(
            Eventually.Seconds(4), () => !Listing.HasAddress(node.Host, KernelWorld.V4) && !Listing.HasAddress(node.Host, KernelWorld.V6), () => "an address stays");
    }
}
