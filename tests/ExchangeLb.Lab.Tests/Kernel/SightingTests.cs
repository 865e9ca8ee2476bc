using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>What a node hears of others, and what of its own device.</summary>
public sealed class SightingTests(KernelWorld world) : IClassFixture<KernelWorld>
{
    [LabTheory]
    [InlineData(KernelWorld.V4)]
    [InlineData(KernelWorld.V6)]
    public void The_owner_answers_a_probe_and_is_known(int vip)
    {
        using KernelNode one = world.Node(1);
        using KernelNode two = world.Node(2);
        Assert.True(two.Acquire(vip, KernelNode.Ms(30_000)));

        one.Do(kernel => kernel.SendPeerProbe(new NodeId(2)));
        Hears(one, "peer 2");
        // More than once, as the protocol does: an IPv6 address hears its solicited-node group only after a work queue of the kernel has joined it
        // (addrconf_dad_work).
        Hears(one, $"vip {vip} at 2", () => one.Do(kernel => kernel.SendProbe(vip)));
        two.Drain();
        Assert.Empty(two.Heard);
    }

    [LabTheory]
    [InlineData(KernelWorld.V4)]
    [InlineData(KernelWorld.V6)]
    public void A_host_that_is_no_node_is_told_as_such(int vip)
    {
        using KernelNode one = world.Node(1);
        using Wire foreign = new(world.Client, 11);

        foreign.Announce(vip);

        Hears(one, $"vip {vip} at ?");
    }

    [LabFact]
    public void A_node_does_not_hear_itself()
    {
        using KernelNode one = world.Node(1);
        Assert.True(one.Acquire(KernelWorld.V4, KernelNode.Ms(30_000)) && one.Acquire(KernelWorld.V6, KernelNode.Ms(30_000)));

        foreach (int vip in new[] { KernelWorld.V4, KernelWorld.V6 })
        {
            one.Do(kernel => kernel.Announce(vip));
            one.Do(kernel => kernel.SendProbe(vip));
        }
        Elapse.For(KernelNode.Ms(50));
        one.Drain();

        Assert.DoesNotContain(one.Heard, heard => heard.StartsWith("vip", System.StringComparison.Ordinal));
    }

    [LabFact]
    public void A_peer_that_is_known_by_the_kernels_neighbour_table_alone_is_known()
    {
        using KernelNode one = world.Node(1);
        using Wire two = new(world.Hosts[1], 22);
        one.Host.Ip("neighbour", "replace", "10.77.0.22", "lladdr", two.Mac.ToString(), "dev", "eth0", "nud", "reachable");

        two.Announce(KernelWorld.V4);

        Hears(one, "vip 0 at 2");
    }

    [LabFact]
    public void Loss_of_carrier_is_heard_and_its_return()
    {
        using KernelNode one = world.Node(1);
        try
        {
            world.Port("lb1", up: false);
            Hears(one, "link 0 down");
            Assert.False(one.Do(kernel => kernel.LinkUp(0)));
        }
        finally
        {
            world.Port("lb1", up: true);
        }
        Hears(one, "link 0 up");
        Assert.True(one.Do(kernel => kernel.LinkUp(0)));
    }

    [LabFact]
    public void An_address_that_others_delete_is_set_again_while_it_is_owned()
    {
        using KernelNode one = world.Node(1);
        Assert.True(one.Acquire(KernelWorld.V4, KernelNode.Ms(30_000)));

        one.Host.Ip("address", "delete", KernelWorld.Vip4 + "/24", "dev", "eth0");

        Eventually.Holds(
            Eventually.Seconds(20),
            () =>
            {
                one.Drain();
                return Listing.HasAddress(one.Host, KernelWorld.V4);
            },
            () => "no address");
    }

    [LabFact]
    public void A_device_that_comes_back_is_used_again()
    {
        using KernelNode one = world.Node(1);
        Assert.True(one.Acquire(KernelWorld.V4, KernelNode.Ms(30_000)));

        world.RemoveDevice(1);
        Hears(one, "link 0 down");
        world.AddDevice(1);
        Hears(one, "link 0 up");

        using Wire client = new(world.Client, 11);
        using Wire wire = new(one.Host, 21);
        Eventually.Holds(
            Eventually.Seconds(20),
            () =>
            {
                one.Drain();
                one.Do(kernel => kernel.Announce(KernelWorld.V4));
                return client.Heard(KernelWorld.V4).SequenceEqual([wire.Mac]);
            },
            () => "no announcement");
        string rules = "";
        Eventually.Holds(
            Eventually.Seconds(20),
            () =>
            {
                one.Drain();   // between two mends is a pause
                rules = one.Host.Run("nft", "list", "table", "netdev", "exchangelb_fence");
                return rules.Contains("device \"eth0\"", System.StringComparison.Ordinal);
            },
            () => rules);
    }

    /// <param name="again">Done before each look; null: nothing.</param>
    private static void Hears(KernelNode node, string what, System.Action? again = null) =>
        Eventually.Holds(
            Eventually.Seconds(20),
            () =>
            {
                again?.Invoke();
                node.Drain();
                return node.Heard.Contains(what);
            },
            () => $"{what} is not in {string.Join(", ", node.Heard)}");
}
