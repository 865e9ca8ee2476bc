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

        Assert.True(node.Acquire(vip, KernelNode.Ms(60_000)));
        Assert.True(node.Renew(vip, KernelNode.Ms(60_000)));
        Assert.True(node.Do(kernel => kernel.Release(vip)));
        Assert.True(node.Do(kernel => kernel.Release(vip)));
        Assert.False(node.Renew(vip, KernelNode.Ms(60_000)));
    }

    [LabTheory]
    [InlineData(KernelWorld.V4, 10)]
    [InlineData(KernelWorld.V6, 50)]
    public void An_expired_permit_refuses_the_commit_whole(int vip, int permitMs)
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(vip, KernelNode.Ms(60_000)));

        bool committed = node.Do(kernel =>
        {
            kernel.Permit(vip, KernelNode.Ms(permitMs));
            Elapse.For(KernelNode.Ms(permitMs + 1));
            return kernel.Commit(vip, CommitKind.Renew, KernelNode.Incarnation, KernelNode.Ms(5000));
        });

        Assert.False(committed);
        Assert.InRange(Listing.LeaseMs(node.Host, vip), 1, 60_000);
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
            return kernel.Permit(vip, KernelNode.Ms(5000)) && kernel.Commit(vip, CommitKind.Acquire, KernelNode.Incarnation, KernelNode.Ms(400));
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
            return kernel.Permit(vip, KernelNode.Ms(5000)) && kernel.Commit(vip, CommitKind.Renew, KernelNode.Incarnation, KernelNode.Ms(400));
        });

        Assert.False(renewed);
        Assert.True(node.Acquire(vip, KernelNode.Ms(400)));
    }

    [LabFact]
    public void A_guard_deletes_the_lease_of_the_incarnation_that_it_watched_and_of_no_other()
    {
        using KernelNode node = world.Node(1);
        using GuardKernel guard = node.OpenGuard(KernelWorld.Model(KernelNode.Ms(400)));
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(60_000)));

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
    public void Two_VIPs_by_turns_are_each_answered_for_themselves_after_refusals_too()
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(60_000)));

        for (int i = 0; i < 20; i++)
        {
            Assert.False(node.Renew(KernelWorld.V6, KernelNode.Ms(60_000)));   // it has none
            Assert.True(node.Renew(KernelWorld.V4, KernelNode.Ms(60_000)));
            Assert.False(node.Do(kernel => kernel.ReleaseFrozen(KernelWorld.V6) || kernel.Commit(KernelWorld.V6, CommitKind.Acquire, KernelNode.Incarnation, KernelNode.Ms(400))));
            Assert.True(node.Renew(KernelWorld.V4, KernelNode.Ms(60_000)));
        }

        Assert.True(node.Acquire(KernelWorld.V6, KernelNode.Ms(60_000)));
        Assert.True(Listing.LeaseMs(node.Host, KernelWorld.V4) > 0);
    }

    [LabFact]
    public void An_address_lives_three_leases_and_an_IPv6_one_is_not_chosen_as_source()
    {
        using KernelNode node = world.Node(1, leaseMs: 10_000);

        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(10_000)));
        Assert.True(node.Acquire(KernelWorld.V6, KernelNode.Ms(10_000)));
        string addresses = node.Host.Run("ip", "address", "show", "dev", "eth0");

        Assert.Matches(@"10\.77\.0\.100/24 .*secondary.*\n +valid_lft (30|2\d)sec", addresses);
        Assert.Matches(@"fd77::100/64 .*deprecated.*\n +valid_lft (30|2\d)sec preferred_lft 0sec", addresses);
        Assert.Matches("fd77::100/64 .*nodad", addresses);
    }

    [LabFact]
    public void An_address_that_nobody_renews_goes_by_itself()
    {
        using KernelNode node = world.Node(1, leaseMs: 60);

        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(60)));
        Assert.True(node.Acquire(KernelWorld.V6, KernelNode.Ms(60)));

        Eventually.Holds(
            Eventually.Seconds(10), () => !Listing.HasAddress(node.Host, KernelWorld.V4) && !Listing.HasAddress(node.Host, KernelWorld.V6), () => "an address stays");
    }

    [LabFact]
    public void A_time_that_the_kernel_would_take_for_ever_is_refused()
    {
        using KernelNode node = world.Node(1);

        Assert.False(node.Do(kernel => kernel.Claim(KernelWorld.V4, KernelNode.Ms(0.5)) || kernel.Permit(KernelWorld.V4, TimeSpan.Zero)));
        Assert.False(node.Acquire(KernelWorld.V4, KernelNode.Ms(0.9)));
    }
}
