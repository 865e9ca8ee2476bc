using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Clocks;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>A VIP moves from node 1 to node 2 while clients connect.</summary>
public sealed class HandOverTests(KernelWorld world, ITestOutputHelper output) : IClassFixture<KernelWorld>
{
    private static readonly NodeId Two = new(2);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [LabTheory]
    [InlineData(KernelWorld.V4)]
    [InlineData(KernelWorld.V6)]
    public void A_client_that_connects_meanwhile_is_served_by_the_new_owner_without_a_retransmission(int vip)
    {
        using KernelNode one = world.Node(1);
        using KernelNode two = world.Node(2);
        using Socket atOne = KernelWorld.Listen(one.Host, vip, 7443);
        using Socket atTwo = KernelWorld.Listen(two.Host, vip, 7443);
        Assert.True(one.Acquire(vip, Long));
        one.Do(kernel => kernel.Announce(vip));
        Assert.True(world.Connects(vip, 7443, TimeSpan.FromSeconds(3)), "not served before");

        Assert.True(one.Do(kernel => kernel.HoldNew(vip, KernelNode.Ms(2000))));
        TimeSpan start = KernelClock.Monotonic;
        Task<TimeSpan?> connecting = world.Connect(vip, 7443, TimeSpan.FromSeconds(10));
        Elapse.For(KernelNode.Ms(20));
        bool connectedDuringHold = connecting.IsCompleted;
        Assert.True(one.Do(kernel => kernel.Release(vip)));
        Assert.True(two.Acquire(vip, Long));
        two.Do(kernel => kernel.Announce(vip));
        one.Do(kernel => kernel.PassOn(vip, Two));
        // As the lease thread does: what comes late (the client's answer to the new owner's neighbour solicitation, for one) is passed on, too.
        SpinWait.SpinUntil(() => { one.Do(kernel => kernel.Drain(null)); return connecting.IsCompleted; }, TimeSpan.FromSeconds(10));
        TimeSpan? took = connecting.Result;

        output.WriteLine($"passed on {one.Do(kernel => kernel.PassedOnTotal)}, lost {one.Do(kernel => kernel.HeldLostTotal)}");
        output.WriteLine($"connected after {took?.TotalMilliseconds:0.0} ms, of which the node held it {(KernelClock.Monotonic - start).TotalMilliseconds:0.0} ms at most");
        Assert.False(connectedDuringHold);
        Assert.InRange(took!.Value.TotalMilliseconds, 20, 995);     // a SYN is repeated after 1 s
        Assert.InRange(one.Do(kernel => kernel.PassedOnTotal), 1, 20);
        Assert.Equal(0, one.Do(kernel => kernel.HeldLostTotal));
    }

    [LabTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void While_sessions_are_frozen_nothing_of_them_comes_in_or_goes_out(bool byItself)
    {
        using KernelNode one = world.Node(1);
        using Socket listener = KernelWorld.Listen(one.Host, KernelWorld.V4, 7446);
        Assert.True(one.Acquire(KernelWorld.V4, Long));
        one.Do(kernel => kernel.Announce(KernelWorld.V4));
        using Socket client = world.Client.Tcp("10.77.0.11");
        client.Connect(IPAddress.Parse(KernelWorld.Vip4), 7446);
        using Socket server = listener.Accept();

        Assert.True(one.Do(kernel => kernel.Freeze(KernelWorld.V4, KernelNode.Ms(byItself ? 400 : 20_000))));
        client.Send([1]);
        server.Send([2]);
        bool passed = client.Poll(KernelNode.Ms(200), SelectMode.SelectRead) || server.Poll(TimeSpan.Zero, SelectMode.SelectRead);
        if (!byItself) { Assert.True(one.Do(kernel => kernel.Unfreeze(KernelWorld.V4))); }

        Assert.False(passed);
        Assert.True(client.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead), "still frozen outwards");
        Assert.True(server.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead), "still frozen inwards");
    }

    [LabTheory]
    [InlineData(KernelWorld.V4)]
    [InlineData(KernelWorld.V6)]
    public void A_freeze_that_has_held_is_kept_and_released(int vip)
    {
        using KernelNode one = world.Node(1);
        Assert.True(one.Acquire(vip, Long));
        Assert.True(one.Do(kernel => kernel.Freeze(vip, KernelNode.Ms(400))));

        bool kept = one.Do(kernel => kernel.KeepFrozen(vip, KernelNode.Ms(20_000)));
        bool released = one.Do(kernel => kernel.ReleaseFrozen(vip));

        Assert.Equal((true, true), (kept, released));
        Assert.Equal(0, Listing.LeaseMs(one.Host, vip));
        Assert.False(one.Do(kernel => kernel.ReleaseFrozen(vip)));
        Assert.True(one.Do(kernel => kernel.Claim(vip, KernelNode.Ms(100))));
    }

    [LabTheory]
    [InlineData("expires")]
    [InlineData("element")]
    [InlineData("all, and is mended")]
    [InlineData("all, and nobody has looked yet")]
    public void A_freeze_with_a_gap_is_neither_kept_nor_released(string gap)
    {
        using KernelNode one = world.Node(1);
        Assert.True(one.Acquire(KernelWorld.V4, Long));
        Assert.True(one.Do(kernel => kernel.Freeze(KernelWorld.V4, KernelNode.Ms(gap == "expires" ? 50 : 20_000))));

        if (gap == "expires") { one.Do(_ => Elapse.For(KernelNode.Ms(60))); }
        else if (gap == "element") { one.Host.Run("nft", "flush", "set", "inet", "exchangelb_fence", "frozen4"); }
        else { one.Host.Run("nft", "flush", "ruleset"); }
        if (gap == "all, and is mended") { Eventually.Holds(Eventually.Seconds(5), () => { one.Drain(); return !one.Heard.IsEmpty; }, () => "not mended"); }
        bool released = one.Do(kernel => kernel.ReleaseFrozen(KernelWorld.V4));
        bool kept = one.Do(kernel => kernel.KeepFrozen(KernelWorld.V4, KernelNode.Ms(20_000)));

        Assert.Equal((false, false), (released, kept));
        one.Drain();
        if (!gap.StartsWith("all", StringComparison.Ordinal)) { Assert.True(Listing.LeaseMs(one.Host, KernelWorld.V4) > 0); }
    }

    [LabFact]
    public void While_new_ones_are_held_those_that_exist_go_on()
    {
        using KernelNode one = world.Node(1);
        using Socket listener = KernelWorld.Listen(one.Host, KernelWorld.V4, 7444);
        Assert.True(one.Acquire(KernelWorld.V4, Long));
        one.Do(kernel => kernel.Announce(KernelWorld.V4));
        using Socket client = world.Client.Tcp("10.77.0.11");
        client.Connect(IPAddress.Parse(KernelWorld.Vip4), 7444);
        using Socket server = listener.Accept();

        Assert.True(one.Do(kernel => kernel.HoldNew(KernelWorld.V4, KernelNode.Ms(5000))));
        client.Send([1]);
        int received = server.Receive(new byte[1]);
        bool connects = world.Connects(KernelWorld.V4, 7444, KernelNode.Ms(200));
        one.Do(kernel => kernel.PassOn(KernelWorld.V4, null));

        Assert.Equal((1, false), (received, connects));
        Assert.True(one.Do(kernel => kernel.HeldLostTotal) >= 1);
        Assert.True(world.Connects(KernelWorld.V4, 7444, TimeSpan.FromSeconds(3)), "still held");
    }

    [LabFact]
    public void A_hold_that_nobody_ends_ends_by_itself()
    {
        using KernelNode one = world.Node(1);
        using Socket listener = KernelWorld.Listen(one.Host, KernelWorld.V4, 7445);
        Assert.True(one.Acquire(KernelWorld.V4, Long));
        one.Do(kernel => kernel.Announce(KernelWorld.V4));

        Assert.True(one.Do(kernel => kernel.HoldNew(KernelWorld.V4, KernelNode.Ms(100))));
        Elapse.For(KernelNode.Ms(110));

        Assert.True(world.Connects(KernelWorld.V4, 7445, TimeSpan.FromSeconds(3)));
    }
}
