using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.World;
using Xunit;

namespace ExchangeLb.Lab.Tests.Starting;

/// <summary>What stands in the way of `exchangelb -f … --cluster …` on a real host: each is said in one line, with what to do. The guide has the table.</summary>
public sealed class StartErrorTests : IDisposable
{
    /// <summary>Who may read everything: this clone may lie in a home folder, closed to others.</summary>
    private static readonly string[] Nobody =
    [
        "setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search",
    ];

    private readonly StartingNode? _node;
    private readonly StartingNode? _other;

    public StartErrorTests()
    {
        if (new LabFactAttribute().Skip is null) { (_node, _other) = StartingNode.Pair(); }
    }

    public void Dispose()
    {
        _node?.Dispose();
        _other?.Dispose();
    }

    [LabFact]
    public void A_second_run_is_refused_and_leaves_the_first_alone()
    {
        Daemon first = Owner("first");
        string handle = FenceHandle();

        AssertRefused("another exchangelb runs with the state folder", _node!.Start("first"));
        AssertRefused("a node runs on this host already", _node.Start("second"));

        Assert.True(first.Runs);
        Assert.Equal(handle, FenceHandle());
        Assert.Contains("192.0.2.25", _node.Host.Run("ip", "-brief", "address", "show", "eth0"), StringComparison.Ordinal);
        Assert.DoesNotContain("another program", first.Said, StringComparison.Ordinal);
    }

    [LabFact]
    public void An_ordinary_user_is_told_which_right_a_low_port_needs() =>
        AssertRefused("ports below 1024 need root or CAP_NET_BIND_SERVICE", _node!.Start("state", Nobody));

    [LabFact]
    public void An_ordinary_user_is_told_which_rights_a_virtual_address_needs()
    {
        _node!.Port = 8443;

        AssertRefused("a virtual address needs CAP_NET_ADMIN, CAP_NET_RAW: start as root, or with AmbientCapabilities=", _node.Start("state", Nobody));
    }

    [LabFact]
    public void An_ordinary_user_without_a_folder_of_its_own_is_told_so() =>
        AssertRefused("this user can't write the state folder /run/", _node!.Start("/run/elb-of-root", Nobody));

    [LabFact]
    public void A_device_that_is_not_there_is_named_with_those_that_are()
    {
        _node!.Device = "eth7";

        AssertRefused("vip 192.0.2.25: this host has no device eth7; it has eth0: correct 'dev' in cluster.cfg", _node.Start());
    }

    [LabFact]
    public void An_address_that_is_not_here_is_named_with_whose_it_is()
    {
        _node!.Nodes = "    node lb1 192.0.2.7\n    node lb2 192.0.2.1\n";

        AssertRefused("no device of this host has 192.0.2.7; this host has those of lb2: start it with --node lb2", _node.Start());
    }

    [LabFact]
    public void A_port_of_clients_that_is_in_use_is_named_with_how_to_find_its_user()
    {
        using Socket other = _node!.Host.Inside(() =>
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 443)); // ReuseAddress would be SO_REUSEPORT too, and let the node in beside it
            socket.Listen();
            return socket;
        });

        AssertRefused("another program listens there: `ss -ltnp` tells which) [192.0.2.25:443]", _node.Start());
    }

    [LabFact]
    public void A_port_of_Corosync_that_is_in_use_is_named()
    {
        using Socket other = _node!.Host.UdpReceiver(new IPEndPoint(IPAddress.Any, 5405));

        AssertSays("UDP port 5405 of 192.0.2.1 is in use: stop what uses it, or choose another `port` in cluster.cfg, on all nodes", _node.Run());
    }

    [LabTheory]
    [InlineData("/usr/sbin", "corosync", "there is no corosync program here: install the package corosync, version 3", false)]
    [InlineData("/usr/lib/x86_64-linux-gnu", "libcpg.so*", "the library libcpg.so.4 is not here: install the package libcpg4 (Debian, Ubuntu) or corosynclib (Red Hat)", true)]
    [InlineData("/usr/lib/x86_64-linux-gnu", "libnftables.so*", "neither libnftables.so.1 nor the program nft is on this host: install the package nftables", true)]
    public void What_is_not_installed_is_named(string folder, string what, string message, bool ends)
    {
        Daemon node = _node!.Run("state", Without(folder, what));

        AssertSays(message, node);
        Assert.Equal(ends, node.EndsWithin(ends ? Eventually.Seconds(60) : TimeSpan.Zero));
    }

    [LabFact]
    public void A_full_dev_shm_is_named() =>
        AssertSays("make room (df -h /dev/shm)", _node!.Run("state", "unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k shm /dev/shm && exec \"$@\"", "sh"));

    [LabFact]
    public void A_key_that_others_can_read_is_refused_with_the_command()
    {
        Command.Run("chmod", "644", _node!.State("cluster.key"));

        AssertSays($"key-file {_node.State("cluster.key")} can be used by others than its owner: chmod 600", _node.Run());
    }

    [LabFact]
    public void Two_nodes_with_two_keys_say_so_and_one_serves()
    {
        _other!.WriteKey(1);
        Daemon[] nodes = [_node!.Run(), _other.Run()];

        AssertSays("lb2 has another key than this node: copy ", nodes[0]);
        AssertSays("lb1 has another key than this node: copy ", nodes[1]);
        AssertTold(_node, "lb2 was not heard since this node started: does it run, with the same key, ");
        AssertTold(_other, "lb1 was not heard since this node started: does it run, with the same key, ");
        Eventually.Holds(Eventually.Seconds(60), () => Owns(_node) || Owns(_other), () => nodes[0].Said + nodes[1].Said);
        Assert.False(Owns(_node) && Owns(_other));
    }

    /// <summary>The time of day goes into a node's incarnation and nowhere else: one that began in 2150 joins one of today.</summary>
    [LabFact]
    public void A_firewall_between_two_nodes_is_named_and_clocks_far_apart_are_no_obstacle()
    {
        Directory.CreateDirectory(_other!.State("state"));
        File.WriteAllText(_other.State("state/incarnation"), "5680281600000000000");
        _node!.Host.Run("nft", "add table inet firewall; add chain inet firewall in { type filter hook input priority 0; }; add rule inet firewall in udp dport 5405 drop");
        Daemon[] nodes = [_node.Run(), _other.Run()];

        AssertTold(_node, "lb2 was not heard since this node started: does it run, with the same key, and do firewalls let UDP 5405 pass (firewall-cmd --add-port=5405/udp)?");
        AssertTold(_other, "lb1 was not heard since this node started: does it run, with the same key, and do firewalls let UDP 5405 pass (firewall-cmd --add-port=5405/udp)?");

        _node.Host.Run("nft", "delete table inet firewall");
        AssertSays("lb2 is in the cluster", nodes[0]);
        AssertSays("lb1 is in the cluster", nodes[1]);
    }

    /// <summary>The command's own view of a folder, in which something is missing; its other files are in sight.</summary>
    private static string[] Without(string folder, string what) =>
    [
        "unshare", "--mount", "sh", "-c",
        $"mount -t tmpfs over /mnt && mkdir /mnt/up /mnt/work && mount -t overlay over -o lowerdir={folder},upperdir=/mnt/up,workdir=/mnt/work {folder} "
            + $"&& rm {folder}/{what} && exec \"$@\"",
        "sh",
    ];

    private static void AssertRefused(string why, Command.Outcome outcome)
    {
        Assert.Equal(1, outcome.ExitCode);
        string alert = Assert.Single(outcome.Errors.Split('\n'), line => line.StartsWith("[ALERT]", StringComparison.Ordinal) && !line.Contains("not started.", StringComparison.Ordinal));
        Assert.Contains(why, alert, StringComparison.Ordinal);
    }

    private static void AssertSays(string message, Daemon node) =>
        Eventually.Holds(Eventually.Seconds(60), () => node.Said.Split('\n').Any(line => line.Contains(message, StringComparison.Ordinal)), () => node.Said);

    private static void AssertTold(StartingNode node, string message) =>
        Eventually.Holds(Eventually.Seconds(60), () => node.Status().Contains(message, StringComparison.Ordinal), node.Status);

    private static bool Owns(StartingNode node) => node.Host.Run("ip", "-brief", "address", "show", "eth0").Contains("192.0.2.25", StringComparison.Ordinal);

    private Daemon Owner(string state)
    {
        _node!.Nodes = "    node lb1 192.0.2.1\n";
        Daemon node = _node.Run(state);
        Eventually.Holds(Eventually.Seconds(60), () => !node.Runs || node.Said.Contains("owns 192.0.2.25", StringComparison.Ordinal), () => node.Said);
        return node;
    }

    private string FenceHandle() => _node!.Host.Run("nft", "--handle", "list", "tables").Split('\n').First(line => line.Contains("inet exchangelb", StringComparison.Ordinal));
}
