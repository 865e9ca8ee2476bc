using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Nftables;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Lab.Tests.Kernel;

/// <summary>Others' rules, and others' hands on ours.</summary>
public sealed class RulesTests(KernelWorld world, ITestOutputHelper output) : IClassFixture<KernelWorld>
{
    [LabTheory]
    [InlineData("flush ruleset")]
    [InlineData("delete table inet exchangelb_fence")]
    [InlineData("delete table arp exchangelb_fence")]
    [InlineData("flush chain inet exchangelb_fence in")]
    [InlineData("insert rule inet exchangelb_fence in accept")]
    [InlineData("flush set inet exchangelb_fence vips4")]
    [InlineData("add table arp exchangelb_fence { flags dormant; }")]
    public void What_others_do_to_the_fence_is_noticed_and_mended_and_the_lease_goes_on(string command)
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(60_000)));
        node.Drain();
        string before = Rules(node);

        node.Host.Run("nft", command);
        node.Drain();

        Assert.Contains("flushed", node.Heard);
        Assert.Equal(before, Rules(node));
        Assert.InRange(Listing.LeaseMs(node.Host, KernelWorld.V4), 1, 60_000);
        Assert.True(node.Renew(KernelWorld.V4, KernelNode.Ms(60_000)));
        node.Drain();
        Assert.Single(node.Heard, heard => heard == "flushed");
    }

    [LabFact]
    public void A_mended_fence_is_closed_for_a_VIP_without_a_lease()
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(60)));
        Elapse.For(KernelNode.Ms(70));

        node.Host.Run("nft", "flush ruleset");
        node.Drain();

        Assert.Equal(0, Listing.LeaseMs(node.Host, KernelWorld.V4));
        Assert.False(node.Renew(KernelWorld.V4, KernelNode.Ms(60_000)));
    }

    [LabFact]
    public void Others_tables_are_left_alone_from_beginning_to_end()
    {
        world.Hosts[0].Run("nft", "table inet filter { set exchangelb_fence { type ipv4_addr; elements = { 10.77.0.100 } }; chain input { type filter hook input priority 0; ip saddr 192.0.2.1 drop; }; }");
        world.Hosts[0].Run("nft", "table ip exchangelb_fence { chain c { }; }");
        string before = world.Hosts[0].Run("nft", "list", "ruleset");

        using (KernelNode node = world.Node(1))
        {
            Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(400)));
            world.Hosts[0].Run("nft", "add element inet filter exchangelb_fence { 10.77.0.101 }");
            world.Hosts[0].Run("nft", "delete element inet filter exchangelb_fence { 10.77.0.101 }");
            node.Drain();
            Assert.DoesNotContain("flushed", node.Heard);
        }

        Assert.Equal(before, world.Hosts[0].Run("nft", "list", "ruleset"));
        world.Hosts[0].Run("nft", "flush ruleset");
    }

    [LabFact]
    public void A_clean_end_leaves_neither_address_nor_table()
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(400)));
        Assert.True(node.Acquire(KernelWorld.V6, KernelNode.Ms(400)));

        Assert.True(node.Do(kernel => kernel.RemoveAll()));
        node.Drain();

        Assert.Equal("", node.Host.Run("nft", "list", "ruleset"));
        Assert.False(Listing.HasAddress(node.Host, KernelWorld.V4) || Listing.HasAddress(node.Host, KernelWorld.V6));
    }

    [LabFact]
    public void What_an_earlier_life_left_is_replaced()
    {
        using KernelNode first = world.Node(1);
        Assert.True(first.Acquire(KernelWorld.V4, KernelNode.Ms(60_000)));

        using KernelNode second = world.Node(1);

        Assert.Equal(0, Listing.LeaseMs(second.Host, KernelWorld.V4));
        Assert.True(second.Do(kernel => kernel.Release(KernelWorld.V4)));
        Assert.False(Listing.HasAddress(second.Host, KernelWorld.V4));
    }

    [LabFact]
    public void Rules_of_others_as_many_as_can_be_do_not_count_as_a_change()
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(600_000)));
        string file = Path.GetTempFileName();
        File.WriteAllLines(file, Enumerable.Range(0, 60).SelectMany(table => (string[])
        [
            $"add table inet other{table}",
            $"add set inet other{table} blocked {{ type ipv4_addr; }}",
            $"add chain inet other{table} rules",
            $"add element inet other{table} blocked {{ {string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"10.{table}.{i / 200}.{i % 200}"))} }}",
            .. Enumerable.Repeat($"add rule inet other{table} rules ip saddr @blocked drop", 50),
        ]));

        node.Host.Run("nft", "-f", file);
        node.Drain();
        double[] renewals = new double[100];
        node.Do(kernel => Renew(kernel, renewals));
        node.Host.Run("nft", "flush ruleset");
        File.Delete(file);

        output.WriteLine($"beside 60 tables of others with 60,000 elements and 3,000 rules: median {renewals[50]:0.000} ms");
        Assert.DoesNotContain("flushed", node.Heard);
        Assert.InRange(renewals[50], 0, 2);
    }

    [LabFact]
    public void A_renewal_costs_a_fraction_of_a_millisecond()
    {
        using KernelNode node = world.Node(1);
        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(5000)));
        double[] renewals = new double[500];
        double[] releases = new double[50];

        node.Do(kernel =>
        {
            output.WriteLine($"real-time: {RealTime.RequestRoundRobin(10)}");
            Renew(kernel, renewals);
        });
        for (int i = 0; i < releases.Length; i++)
        {
            node.Acquire(KernelWorld.V4, KernelNode.Ms(5000));
            node.Do(kernel =>
            {
                long start = Stopwatch.GetTimestamp();
                kernel.Release(KernelWorld.V4);
                releases[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            });
        }

        Array.Sort(releases);
        output.WriteLine($"permit and commit: median {renewals[250]:0.000} ms, 99 % {renewals[495]:0.000} ms; release with its address: median {releases[25]:0.000} ms, worst {releases[49]:0.000} ms");
        Assert.InRange(renewals[250], 0, 2);
    }

    [LabFact]
    public void An_old_kernel_without_library_and_egress_hook_is_fenced_all_the_same()
    {
        KernelFeatures features = new(Egress: false, KernelClock.Tick, []);
        using KernelNode node = new(
            world.Hosts[0],
            () => new VipKernel(KernelWorld.Model(KernelNode.Ms(10_000)), new NodeId(1), new MonotonicClock(), NftProcess.TryOpen()!, features));
        using Wire client = new(world.Client, 11);
        using Wire wire = new(node.Host, 21);

        Assert.True(node.Acquire(KernelWorld.V4, KernelNode.Ms(60_000)) && node.Renew(KernelWorld.V4, KernelNode.Ms(60_000)));
        MacAddress[] owned = [.. client.WhoAnswers(KernelWorld.V4, fromNobody: false, KernelNode.Ms(100))];
        node.Host.Run("nft", "flush ruleset");
        node.Drain();
        MacAddress[] mended = [.. client.WhoAnswers(KernelWorld.V4, fromNobody: false, KernelNode.Ms(100))];
        Assert.True(node.Do(kernel => kernel.Release(KernelWorld.V4)));
        node.Host.Ip("address", "add", KernelWorld.Vip4 + "/24", "dev", "eth0");
        MacAddress[] released = [.. client.WhoHas(KernelWorld.V4, fromNobody: false, KernelNode.Ms(100))];

        Assert.Equal([wire.Mac], owned);
        Assert.Equal([wire.Mac], mended);
        Assert.Empty(released);
        Assert.DoesNotContain("netdev", node.Host.Run("nft", "list", "tables"), StringComparison.Ordinal);
    }

    /// <param name="tookMs">How long each took, in order of size.</param>
    private static void Renew(VipKernel kernel, double[] tookMs)
    {
        for (int i = 0; i < tookMs.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            kernel.Permit(KernelWorld.V4, KernelNode.Ms(400));
            kernel.Commit(KernelWorld.V4, CommitKind.Renew, KernelNode.Incarnation, KernelNode.Ms(600_000));
            tookMs[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(tookMs);
    }

    private static string Rules(KernelNode node) =>
        System.Text.RegularExpressions.Regex.Replace(node.Host.Run("nft", "list", "ruleset"), @"elements = \{[^}]*expires[^}]*\}", "elements = { timed }");
}
