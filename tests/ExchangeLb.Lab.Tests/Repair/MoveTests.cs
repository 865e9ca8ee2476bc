using System;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;
using Xunit.Abstractions;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>An established connection goes on at another node, whatever is in its queues.</summary>
public sealed class MoveTests(RepairWorld world, ITestOutputHelper output) : IClassFixture<RepairWorld>
{
    /// <summary>A first flight is 10 segments (RFC 6928).</summary>
    private const int WithinFirstFlight = 9000;
    private const int BeyondFirstFlight = 80_000;

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void An_idle_one_goes_there_and_back(int version)
    {
        using MovableConnection connection = world.Connect(version);
        connection.AssertAlive();

        connection.Move();
        connection.AssertAlive();
        connection.Move();

        connection.AssertAlive();
    }

    /// <summary>A new socket's would be 536 (1220 with IPv6), until there is traffic: its first flight would be a third as large.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4, 1448)]
    [InlineData(RepairWorld.V6, 1428)]
    public void Its_segments_are_as_large_as_before_from_the_first_one_on(int version, int bytes)
    {
        SocketOption maxSegment = new(6, 2);
        using MovableConnection connection = world.Connect(version);
        long before = TcpSocket.Get(connection.Fd, maxSegment).Value;

        connection.Move();

        Assert.Equal((bytes, bytes), (before, TcpSocket.Get(connection.Fd, maxSegment).Value));
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void What_was_received_and_not_read_is_read_there(int version)
    {
        using MovableConnection connection = world.Connect(version);
        byte[] sent = Pattern.Bytes(3, 50_000);
        connection.Client.Send(sent);
        connection.AwaitUnread(sent.Length);

        connection.Move();

        Assert.Equal(sent.Length, connection.Image!.Received.Length);
        Assert.Equal(sent, connection.Read(sent.Length));
        connection.AssertAlive();
    }

    /// <summary>With and without what the client got of it: its acknowledgements were lost, or the bytes were.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4, WithinFirstFlight, true)]
    [InlineData(RepairWorld.V4, WithinFirstFlight, false)]
    [InlineData(RepairWorld.V4, BeyondFirstFlight, true)]
    [InlineData(RepairWorld.V4, BeyondFirstFlight, false)]
    [InlineData(RepairWorld.V6, WithinFirstFlight, true)]
    [InlineData(RepairWorld.V6, WithinFirstFlight, false)]
    [InlineData(RepairWorld.V6, BeyondFirstFlight, true)]
    [InlineData(RepairWorld.V6, BeyondFirstFlight, false)]
    public void What_was_sent_and_not_acknowledged_arrives_once(int version, int length, bool arrivedBefore)
    {
        using MovableConnection connection = world.Connect(version);
        WidenWindows(connection);
        byte[] sent = Pattern.Bytes(4, length);

        if (arrivedBefore) { world.A.FenceInward(); } else { world.ClientSide.FenceInward(); }
        connection.Write(sent);
        if (arrivedBefore) { Assert.Equal(sent, connection.ClientReads(length)); }
        TimeSpan start = ImageClock.Now.Monotonic;
        connection.Move();

        if (!arrivedBefore) { Assert.Equal(sent, connection.ClientReads(length)); }
        output.WriteLine($"{(ImageClock.Now.Monotonic - start).TotalMilliseconds:0.0} ms until all was there");
        Assert.Equal(length, connection.Image!.Unacked.Length + connection.Image.Unsent.Length);
        Assert.Equal(length == WithinFirstFlight, connection.Restored.Anew.Length == length);
        connection.AssertAlive();
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void What_was_written_and_never_sent_follows_what_was(int version)
    {
        using MovableConnection connection = world.Connect(version);

        world.ClientSide.FenceInward();
        int written = connection.Fill(5, 50_000);
        connection.Move();

        Assert.InRange(connection.Image!.Unacked.Length, 10_000, 16_000);
        Assert.Equal(written, connection.Image.Unacked.Length + connection.Image.Unsent.Length);
        Assert.Equal(Pattern.Bytes(5, written), connection.ClientReads(written));
        connection.AssertAlive();
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Neither_side_reads_and_all_buffers_are_full(int version)
    {
        using MovableConnection connection = world.Connect(version);
        int written = connection.Fill(6, 30_000_000), sent = connection.ClientFills(7);

        connection.Move();
        output.WriteLine($"received {connection.Image!.Received.Length}, unacknowledged {connection.Image.Unacked.Length}, unsent {connection.Image.Unsent.Length}, "
            + $"window {connection.Image.Window.Send} of {connection.Image.Window.LargestSend}, {sent - connection.Image.Received.Length} bytes left at the client");

        Assert.True(connection.Image.Received.Length > 100_000 && connection.Image.Unsent.Length > 10_000);
        Assert.True(connection.Restored.HoldsReceived);
        Assert.Equal(Pattern.Bytes(7, sent), connection.Read(sent));
        Assert.Equal(Pattern.Bytes(6, written), connection.ClientReads(written));
        connection.AssertAlive();
    }

    /// <summary>The kernel counts and shows unread bytes as far as the mark of urgent data: what is behind it has been acknowledged, and must not be forgotten.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4, 5, 7)]
    [InlineData(RepairWorld.V6, 5, 7)]
    [InlineData(RepairWorld.V4, 0, 7)]
    [InlineData(RepairWorld.V4, 5, 0)]
    [InlineData(RepairWorld.V4, 0, 0)]
    public void One_with_unread_urgent_data_does_not_move_and_loses_nothing(int version, int before, int behind)
    {
        using MovableConnection connection = world.Connect(version);
        byte[] sent = Pattern.Bytes(9, before + behind);
        connection.Client.Send(sent.AsSpan(0, before));
        connection.Client.Send([0xFF], SocketFlags.OutOfBand);
        connection.Client.Send(sent.AsSpan(before));
        SysResult answered = default;
        Eventually.Holds(Eventually.Seconds(20), () => (answered = connection.Unacknowledged()).Value == 0, () => $"{answered}");

        world.A.Fence();
        Assert.Equal(DumpVerdict.Urgent, TcpDump.Freeze(connection.Fd, false, ImageClock.Now).Verdict);
        Assert.Equal(DumpVerdict.Busy, TcpDump.Snapshot(connection.Fd, false, ImageClock.Now).Verdict);
        world.A.OpenFence();

        Assert.Equal(sent, connection.Read(sent.Length));
        connection.AssertAlive();
        connection.Move();
        connection.AssertAlive();
    }

    /// <summary>There and back: the client is not promised the room again that its bytes take up.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void What_waits_unread_does_not_grow_with_each_move(int version)
    {
        using MovableConnection connection = world.Connect(version);
        int first = connection.ClientFills(7), sent = first;

        for (int move = 0; move < 4; move++)
        {
            connection.Move();
            sent += connection.ClientFills(7, from: sent);
        }

        output.WriteLine($"{first} bytes sent before, {sent - first} after");
        Assert.InRange(sent - first, 0, first / 2);
        Assert.Equal(Pattern.Bytes(7, sent), connection.Read(sent));
        connection.AssertAlive();
    }

    /// <summary>The buffer for what was promised is the double of that, and its kernel would promise nearly all of it.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void However_often_it_moves_its_window_stays_within_the_kernels_bounds(int version)
    {
        const int Largest = 512 * 1024;
        using RepairWorld small = new();
        small.LimitBuffers(Largest);
        using MovableConnection connection = small.Connect(version);
        int sent = 0;
        long window = 0;

        for (int move = 0; move < 10; move++)
        {
            int more = connection.ClientFills(7, from: sent);
            Assert.Equal(Pattern.Bytes(7, more, sent), connection.Read(more));
            sent += more;
            connection.Move();
            window = Math.Max(window, connection.Image!.Window.Receive);
        }

        output.WriteLine($"the largest window: {window}");
        Assert.InRange(window, 1, Largest * 9 / 8);
        connection.AssertAlive();
    }

    /// <summary>The client's window and the node's congestion window grow only by use.</summary>
    private static void WidenWindows(MovableConnection connection)
    {
        for (int i = 0; i < 50; i++)
        {
            connection.Write(Pattern.Bytes(8, 60_000, i * 60_000));
            Assert.Equal(Pattern.Bytes(8, 60_000, i * 60_000), connection.ClientReads(60_000));
        }
    }
}
