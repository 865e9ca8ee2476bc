using System;
using System.Net;
using ExchangeLb.Clustering;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class ClusterChangeTests
{
    private static readonly ClusterModel Runs = new(
        "exchange",
        [
            new ClusterNodeModel(1, "lb1", [IPAddress.Parse("192.168.200.21")], 0),
            new ClusterNodeModel(2, "lb2", [IPAddress.Parse("192.168.200.22")], 0),
        ],
        [new VipModel(IPAddress.Parse("192.168.200.25"), 24, "eth0", [])]);

    [Fact]
    public void Who_is_preferred_and_who_is_told_can_change() => Assert.Null(ClusterChange.Refusal(Runs, Runs with
    {
        Nodes = [Runs.Nodes[0] with { Priority = 100 }, Runs.Nodes[1]],
        Vips = [Runs.Vips[0] with { Prefer = ["lb2"] }],
        PreemptDelay = TimeSpan.FromSeconds(5),
        Gateways = [IPAddress.Parse("192.168.200.1")],
        Hook = "true",
    }));

    [Fact]
    public void Nodes_do_not_change() => AssertRefused("node", Runs with { Nodes = [Runs.Nodes[0], Runs.Nodes[1] with { Addresses = [IPAddress.Parse("192.168.200.23")] }] });

    [Fact]
    public void Virtual_addresses_may_come_go_and_change()
    {
        VipModel another = new(IPAddress.Parse("192.168.200.26"), 32, "eth1", []);

        Assert.Null(ClusterChange.Refusal(Runs, Runs with { Vips = [Runs.Vips[0] with { Device = "eth1", PrefixLength = 32 }, another] }));
        Assert.Null(ClusterChange.Refusal(Runs, Runs with { Vips = [another] }));
    }

    [Fact]
    public void A_process_has_room_for_so_many_virtual_addresses_and_no_more()
    {
        ClusterModel runs = Runs;
        for (int i = 1; i < VipPlaces.Max; i++) { runs = VipPlaces.Keep(runs, Runs with { Vips = [new VipModel(new IPAddress([10, 0, 1, (byte)i]), 32, "eth0", [])] })!; }
        ClusterModel next = Runs with { Vips = [new VipModel(IPAddress.Parse("10.0.2.1"), 32, "eth0", [])] };

        Assert.StartsWith("'vip': this process has had 128", ClusterChange.Refusal(runs, next), StringComparison.Ordinal);
    }

    [Fact]
    public void Times_do_not_change() => AssertRefused("lease", Runs with { Timings = ClusterTimings.For(TimeSpan.FromSeconds(1), 2) });

    [Fact]
    public void The_key_does_not_change() => AssertRefused("key-file", Runs with { KeyFile = "/other" });

    [Fact]
    public void The_port_does_not_change() => AssertRefused("port", Runs with { Port = 6000 });

    [Fact]
    public void Only_vips_on_devices_that_none_was_on_before_are_looked_for_on_the_host()
    {
        VipModel moved = Runs.Vips[0] with { Device = "eth7" };
        Assert.Empty(ClusterChange.OnOtherDevices(Runs, Runs).Vips);
        Assert.Same(moved, Assert.Single(ClusterChange.OnOtherDevices(Runs, Runs with { Vips = [moved] }).Vips));
    }

    [Fact]
    public void What_becomes_of_connections_can_change() => Assert.Null(ClusterChange.Refusal(Runs, Runs with { HandOver = HandOverMode.Off }));

    private static void AssertRefused(string word, ClusterModel next) =>
        Assert.StartsWith($"'{word}' of cluster 'exchange' has changed", ClusterChange.Refusal(Runs, next), StringComparison.Ordinal);
}
