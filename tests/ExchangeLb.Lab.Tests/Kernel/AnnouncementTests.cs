using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>What a node sends, as tcpdump reads it at a client.</summary>
public sealed class AnnouncementTests(KernelWorld world) : IClassFixture<KernelWorld>
{
    [LabFact]
    public void The_owner_announces_by_request_and_reply_and_by_advertisement()
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(30_000)) && node.Acquire(KernelWorld.V6, KernelNode.Ms(30_000)));
        using Daemon tcpdump = Listening();

        node.Do(kernel => kernel.Announce(KernelWorld.V4));
        node.Do(kernel => kernel.Announce(KernelWorld.V6));

        Sees(tcpdump, @"> ff:ff:ff:ff:ff:ff, .*Request who-has 10\.77\.0\.100 tell 10\.77\.0\.100");
        Sees(tcpdump, @"> ff:ff:ff:ff:ff:ff, .*Reply 10\.77\.0\.100 is-at");
        Sees(tcpdump, @"> 33:33:00:00:00:01, .*hlim 255.* fd77::100 > ff02::1: \[icmp6 sum ok\] ICMP6, neighbor advertisement.* tgt is fd77::100, Flags \[override\]\s*\n?\s*destination link-address option");
    }

    [LabFact]
    public void Probes_come_from_no_address()
    {
        using KernelNode node = world.Node(1);
        using Daemon tcpdump = Listening();

        node.Do(kernel => kernel.SendProbe(KernelWorld.V4));
        node.Do(kernel => kernel.SendProbe(KernelWorld.V6));
        node.Do(kernel => kernel.SendPeerProbe(new NodeId(2)));

        Sees(tcpdump, @"> ff:ff:ff:ff:ff:ff, .*Request who-has 10\.77\.0\.100 tell 0\.0\.0\.0");
        Sees(tcpdump, @"> 33:33:ff:00:01:00, .*hlim 255.* :: > ff02::1:ff00:100: \[icmp6 sum ok\] ICMP6, neighbor solicitation.* who has fd77::100\s");
        Sees(tcpdump, @"> ff:ff:ff:ff:ff:ff, .*Request who-has 10\.77\.0\.22 tell 10\.77\.0\.21");
    }

    [LabFact]
    public void Who_has_no_lease_announces_nothing()
    {
        using KernelNode node = world.Node(1);
        using Wire client = new(world.Client, 11);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(60)));
        Elapse.For(KernelNode.Ms(61));

        node.Do(kernel => kernel.Announce(KernelWorld.V4));

        Assert.Empty(client.Heard(KernelWorld.V4));
    }

    private Daemon Listening()
    {
        Daemon tcpdump = world.Client.Start("tcpdump", "-n", "-e", "-v", "-l", "--immediate-mode", "-i", "eth0", "arp or icmp6");
        Eventually.Holds(Eventually.Seconds(20), () => tcpdump.Said.Contains("listening on", StringComparison.Ordinal), () => tcpdump.Said);
        return tcpdump;
    }

    private static void Sees(Daemon tcpdump, string pattern) =>
        Eventually.Holds(
            Eventually.Seconds(10), () => System.Text.RegularExpressions.Regex.IsMatch(tcpdump.Said, pattern), () => $"{pattern} is not in\n{tcpdump.Said}");
}
