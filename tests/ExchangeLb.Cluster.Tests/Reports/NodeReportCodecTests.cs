using System;
using System.Collections.Immutable;
using ExchangeLb.Cluster.Reports;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Reports;

public sealed class NodeReportCodecTests
{
    /// <summary>How many VIPs, and one: its address behind its length, and a time.</summary>
    private const int OwnedBytes = 4 + 2 + 10 + 8;
    private const int RoomBytes = 4;
    private const int RecordsBytes = 4 + OwnedBytes + RoomBytes;

    /// <summary>The fingerprint, "AB12" here, behind its length, and what came after it.</summary>
    private const int StreamBytes = 6 + RecordsBytes;

    private static readonly NodeReport Report = new()
    {
        Incarnation = 7,
        Version = "0.1.0",
        ConfigurationHash = "0123456789ab",
        ClusterConfigurationHash = "ba9876543210",
        Standby = true,
        Fit = false,
        Unfit = "eth0 is down",
        Uptime = TimeSpan.FromMilliseconds(1234),
        Sessions = 12,
        StickEntries = 34,
        GuardRunning = true,
        MoveForm = 2,
        TakesWaiting = true,
        StreamFingerprint = "AB12",
        RecordsHeld = 56,
        Owned = [new OwnedVip("192.0.2.25", TimeSpan.FromMilliseconds(78))],
        MaxConn = 90,
        Links = [new LinkSnapshot(0, "192.168.200.21", true), new LinkSnapshot(1, "10.0.0.21", false)],
        Backends = [new BackendServersSnapshot("e2k13", 1, 2)],
    };

    [Fact]
    public void What_was_written_is_read()
    {
        NodeReport? read = NodeReportCodec.Read(Written());

        Assert.NotNull(read);
        Assert.Equal(Report.Links.AsSpan().ToArray(), read.Links.AsSpan().ToArray());
        Assert.Equal(Report.Backends.AsSpan().ToArray(), read.Backends.AsSpan().ToArray());
        Assert.Equal(Report.Owned.AsSpan().ToArray(), read.Owned.AsSpan().ToArray());
        Assert.Equal(Report with { Links = [], Backends = [], Owned = [] }, read with { Links = [], Backends = [], Owned = [] });
    }

    [Fact]
    public void A_report_has_these_bytes()
    {
        NodeReport small = new() { Incarnation = 1, Version = "1", Fit = true, Uptime = TimeSpan.FromMilliseconds(2) };
        Span<byte> room = stackalloc byte[128];

        int length = NodeReportCodec.Write(small, room);

        Assert.Equal(
            "01" + "0100000000000000" + "010031" + "0000" + "0000" + "00" + "01" + "0000" + "0200000000000000" + "00000000" + "00000000" + "00"
            + "00000000" + "00000000" + "00" + "00" + "0000" + "00000000" + "00000000" + "00000000",
            Convert.ToHexString(room[..length]));
    }

    [Fact]
    public void What_a_later_release_adds_at_the_end_is_left_alone() => Assert.NotNull(NodeReportCodec.Read([.. Written(), 1, 2, 3]));

    [Fact]
    public void A_report_that_is_cut_anywhere_is_no_report()
    {
        byte[] written = Written();
        for (int length = 0; length < written.Length - StreamBytes - 2; length++)
        {
            Assert.Null(NodeReportCodec.Read(written.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_node_of_the_first_release_moves_no_sessions()
    {
        byte[] written = Written();

        NodeReport? read = NodeReportCodec.Read(written.AsSpan(0, written.Length - StreamBytes - 2));

        Assert.Equal((byte)0, read!.MoveForm);
    }

    [Fact]
    public void A_node_of_an_earlier_release_moves_sessions_and_knows_nobody_who_waits()
    {
        byte[] written = Written();

        NodeReport? read = NodeReportCodec.Read(written.AsSpan(0, written.Length - StreamBytes - 1));

        Assert.Equal((Report.MoveForm, false), (read!.MoveForm, read.TakesWaiting));
    }

    [Fact]
    public void A_node_of_an_earlier_release_takes_no_streams()
    {
        byte[] written = Written();

        NodeReport? read = NodeReportCodec.Read(written.AsSpan(0, written.Length - StreamBytes));

        Assert.Equal((true, ""), (read!.TakesWaiting, read.StreamFingerprint));
    }

    [Fact]
    public void A_node_of_an_earlier_release_says_nothing_of_records()
    {
        byte[] written = Written();

        NodeReport? read = NodeReportCodec.Read(written.AsSpan(0, written.Length - RecordsBytes));

        Assert.Equal(("AB12", 0), (read!.StreamFingerprint, read.RecordsHeld));
    }

    [Fact]
    public void A_list_of_vips_that_is_cut_anywhere_is_none()
    {
        byte[] written = Written();
        for (int cut = RoomBytes + 1; cut <= RoomBytes + OwnedBytes; cut++)
        {
            Assert.Empty(NodeReportCodec.Read(written.AsSpan(0, written.Length - cut))!.Owned);
        }
    }

    [Fact]
    public void A_node_of_an_earlier_release_does_not_say_for_how_many_it_has_room()
    {
        byte[] written = Written();

        NodeReport? read = NodeReportCodec.Read(written.AsSpan(0, written.Length - RoomBytes));

        Assert.Equal((1, 0), (read!.Owned.Length, read.MaxConn));
    }

    [Fact]
    public void A_count_that_nobody_means_is_no_report()
    {
        byte[] written = Written();
        written[^(StreamBytes + 21)] = 0xFF;
        written[^(StreamBytes + 20)] = 0xFF;

        Assert.Null(NodeReportCodec.Read(written));
    }

    [Fact]
    public void More_backends_than_fit_are_left_out()
    {
        ImmutableArray<BackendServersSnapshot>.Builder many = ImmutableArray.CreateBuilder<BackendServersSnapshot>();
        for (int i = 0; i < 300; i++)
        {
            many.Add(new BackendServersSnapshot($"backend{i}", i, i));
        }
        byte[] room = new byte[64 * 1024];

        int length = NodeReportCodec.Write(Report with { Backends = many.ToImmutable() }, room);

        Assert.Equal(NodeReportCodec.BackendsMax, NodeReportCodec.Read(room.AsSpan(0, length))!.Backends.Length);
    }

    [Fact]
    public void A_room_that_is_too_small_gives_no_message() => Assert.Equal(0, NodeReportCodec.Write(Report, new byte[20]));

    private static byte[] Written()
    {
        byte[] room = new byte[1024];
        return room[..NodeReportCodec.Write(Report, room)];
    }
}
