using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Corosync;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

public sealed class CorosyncObstacleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exchangelb-obstacle-").FullName;
    private readonly ClusterModel _model;

    public CorosyncObstacleTests()
    {
        string key = Path.Combine(_folder, "cluster.key");
        ClusterKey.Create(key);
        using Socket free = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _model = new ClusterModel("exchange", [Node("127.0.0.1")], []) { KeyFile = key, Port = ((IPEndPoint)free.LocalEndPoint!).Port };
    }

    [Fact]
    public void Where_all_is_well_nothing_stands_in_the_way() => Assert.Null(CorosyncObstacle.Find(_model, _model.Nodes[0]));

    [Fact]
    public void An_address_that_the_host_lacks_is_named() => Assert.StartsWith(
        "this host has no address 192.0.2.1, which cluster.cfg gives to node lb1", CorosyncObstacle.Find(_model, Node("192.0.2.1")), StringComparison.Ordinal);

    [Fact]
    public void A_port_in_use_is_named()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, _model.Port));

        Assert.StartsWith($"UDP port {_model.Port} of 127.0.0.1 is in use", CorosyncObstacle.Find(_model, _model.Nodes[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_not_there_is_named() =>
        Assert.StartsWith("key-file /nowhere is not there", CorosyncObstacle.Find(_model with { KeyFile = "/nowhere" }, _model.Nodes[0]), StringComparison.Ordinal);

    [Theory]
    [InlineData("Nov 22 15:48:31.119 error   [MAIN  ] Another Corosync instance is already running.", true, "Another Corosync instance is already running.")]
    [InlineData("Nov 22 15:48:31.119 warning [MAIN  ] Could not set SCHED_RR at priority 99", false, "Could not set SCHED_RR at priority 99")]
    [InlineData("Nov 22 15:48:31.119 error   [MAIN  ] Corosync Cluster Engine exiting with status 18 at main.c:786.", false, null)]
    [InlineData("no line of Corosync's at all: error ", false, null)]
    public void The_last_grave_line_of_its_log_explains_an_end(string line, bool grave, string? text)
    {
        Assert.Equal(grave, CorosyncLogLine.IsGrave(line));
        if (text is not null) { Assert.Equal(text, CorosyncLogLine.Text(line)); }
    }

    [Theory]
    [InlineData("Nov 28 21:50:08.122 error   [KNET  ] rx: Unable to decrypt packet from 192.168.200.22:5405 (size 80)!", "192.168.200.22:5405")]
    [InlineData("Nov 28 21:50:08.122 error   [KNET  ] rx: Unable to decrypt packet from fd00::22:5405 (size 80)!", "fd00::22:5405")]
    [InlineData("Nov 28 21:50:08.122 error   [KNET  ] opensslcrypto: Digest does not match. Check crypto key and configuration.", null)]
    [InlineData("Nov 28 21:50:08.122 error   [KNET  ] rx: Unable to decrypt packet from", null)]
    public void A_sender_with_another_key_is_found_in_its_log(string line, string? sender) => Assert.Equal(sender, CorosyncLogLine.Undeciphered(line));

    [Theory]
    [InlineData(CorosyncError.CS_ERR_LIBRARY, "does not answer yet; trying again")]
    [InlineData(CorosyncError.CS_ERR_ACCESS, "uidgid")]
    [InlineData(CorosyncError.CS_ERR_NOT_EXIST, "is /dev/shm full")]
    [InlineData(CorosyncError.CS_ERR_NO_SPACE, "make room (df -h /dev/shm)")]
    public void Why_there_is_no_connection_is_said_with_a_remedy(CorosyncError error, string remedy) =>
        Assert.Contains(remedy, DispatchThread.Words(error), StringComparison.Ordinal);

    [Fact]
    public void The_log_takes_no_more_than_twice_its_limit()
    {
        string path = Path.Combine(_folder, "corosync.log");
        using BoundedLog log = new(path, bytesMax: 100);

        for (int line = 0; line < 52; line++) { log.Write("a line of twenty byte"); }

        Assert.InRange(new FileInfo(path + ".1").Length, 100, 122);
        Assert.Equal([path, path + ".1"], Directory.GetFiles(_folder, "corosync.log*").Order());
    }

    [Fact]
    public void Only_what_the_dead_process_left_is_removed()
    {
        File.WriteAllText(Path.Combine(_folder, "qb-corosync-41-blackbox-data"), "");
        File.WriteAllText(Path.Combine(_folder, "qb-corosync-411-blackbox-data"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "qb-41-7-30-xyz"));
        Directory.CreateDirectory(Path.Combine(_folder, "qb-411-41-30-xyz"));

        CorosyncSharedMemory.Remove(41, _folder);

        Assert.Equal(
            ["qb-411-41-30-xyz", "qb-corosync-411-blackbox-data"],
            Directory.GetFileSystemEntries(_folder, "qb-*").Select(Path.GetFileName).Order());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ClusterNodeModel Node(string address) => new(1, "lb1", [IPAddress.Parse(address)], 100);
}
