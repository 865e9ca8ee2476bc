using System;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>What an owner does with a connection that it does not move, or that cannot be moved.</summary>
public sealed class OwnerTests(RepairWorld world) : IClassFixture<RepairWorld>
{
    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Goes_on_after_a_freeze_that_is_taken_back(int version)
    {
        using MovableConnection connection = world.Connect(version);
        byte[] sent = Pattern.Bytes(30, 6000), written = Pattern.Bytes(31, 30_000);
        connection.Client.Send(sent);
        connection.AwaitUnread(sent.Length);
        world.ClientSide.FenceInward();
        connection.Write(written);

        world.A.Fence();
        connection.Freeze();
        world.A.OpenFence();
        world.ClientSide.OpenFence();
        Assert.True(TcpDump.Resume(connection.Fd).Ok);

        Assert.Equal(sent, connection.Read(sent.Length));
        Assert.Equal(written, connection.ClientReads(written.Length));
        connection.AssertAlive();
        Descriptor.Close(world.A.Listen(version));      // its port is not kept from a new listener
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Closes_it_without_a_word_and_makes_it_again(int version)
    {
        using MovableConnection connection = world.Connect(version);
        TcpImage image = connection.Freeze();

        TcpDump.CloseFrozen(connection.Fd);     // with the fence open
        bool heard = connection.Client.Poll(0, SelectMode.SelectRead);
        connection.Go(world.A, image);

        Assert.False(heard);
        connection.AssertAlive();
        Descriptor.Close(world.A.Listen(version));
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Cannot_make_it_twice(int version)
    {
        using MovableConnection connection = world.Connect(version);
        world.A.Fence();
        TcpImage image = connection.Freeze();

        RestoreResult twin = world.A.Restore(image);
        world.A.OpenFence();
        TcpDump.Resume(connection.Fd);

        Assert.True(twin.IsDuplicate, $"{twin.FailedAt}: {twin.Failure}");
        connection.AssertAlive();
    }

    /// <summary>A bind of [::] takes IPv4 as well, and its sockets are then of IPv6 by name only.</summary>
    [LabFact]
    public void Makes_an_IPv4_socket_of_one_with_a_mapped_address()
    {
        world.Connect(RepairWorld.V4).Dispose();
        int listener = world.A.Listen(new IPEndPoint(IPAddress.IPv6Any, RepairWorld.Port));
        using MovableConnection connection = MovableConnection.Open(world, RepairWorld.V4, listener);
        connection.AssertAlive();

        connection.Move();

        Assert.Equal(SockAddress.AF_INET, connection.Image!.Local.Family);
        Assert.Equal("10.78.0.100:7443", connection.Image.Local.ToString());
        connection.AssertAlive();
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Makes_it_while_a_listener_has_its_address_and_port(int version)
    {
        using MovableConnection connection = world.Connect(version);
        int listener = world.B.Listen(version);

        connection.Move();

        connection.AssertAlive();
        Descriptor.Close(listener);
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Makes_it_before_the_address_is_there(int version)
    {
        using MovableConnection connection = world.Connect(version);
        string address = RepairWorld.Vip(version) + (version == RepairWorld.V4 ? "/24" : "/64");
        world.B.Host.Ip("address", "del", address, "dev", "eth0");
        world.B.Host.Ip("route", "add", version == RepairWorld.V4 ? "10.78.0.0/24" : "fd78::/64", "dev", "eth0");
        world.A.Fence();
        TcpImage image = connection.Freeze();
        TcpDump.CloseFrozen(connection.Fd);

        RestoreResult restored = world.B.Restore(image);
        world.B.Host.Ip("route", "del", version == RepairWorld.V4 ? "10.78.0.0/24" : "fd78::/64", "dev", "eth0");
        world.B.Host.Ip(["address", "add", address, "dev", "eth0", .. (version == RepairWorld.V4 ? (string[])[] : ["nodad"])]);

        Assert.True(restored.Ok, $"{restored.FailedAt}: {restored.Failure}");
        connection.Run(world.B, restored.Socket, image);
        connection.AssertAlive();
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Records_a_quiet_one_and_another_goes_on_with_the_record_after_its_crash(int version)
    {
        using MovableConnection connection = world.Connect(version);
        connection.AssertAlive();
        DumpResult record = default;
        Eventually.Holds(Eventually.Seconds(20), () => (record = TcpDump.Snapshot(connection.Fd, false, ImageClock.Now)).Verdict == DumpVerdict.Dumped, () => record.ToString());
        Descriptor.Close(world.A.Listen(version));

        Assert.True(TcpDump.CloseSilently(connection.Fd).Ok);
        world.A.Fence();
        connection.Go(world.B, MovableConnection.Shipped(record.Image!));

        connection.AssertAlive();
    }

    [LabFact]
    public void Does_not_record_one_with_bytes_unread_or_unacknowledged()
    {
        using MovableConnection connection = world.Connect(RepairWorld.V4);
        connection.Client.Send([1, 2, 3]);
        connection.AwaitUnread(3);
        DumpVerdict unread = TcpDump.Snapshot(connection.Fd, false, ImageClock.Now).Verdict;
        connection.Read(3);
        world.A.Fence();
        connection.Write(new byte[10]);
        DumpVerdict unacknowledged = TcpDump.Snapshot(connection.Fd, false, ImageClock.Now).Verdict;
        world.A.OpenFence();

        Assert.Equal((DumpVerdict.Busy, DumpVerdict.Busy), (unread, unacknowledged));
        connection.ClientReads(10);
        connection.AssertAlive();
    }

    [LabFact]
    public void Says_of_what_is_no_established_connection_why_it_cannot_be_moved()
    {
        world.B.Fence();
        world.A.Fence();
        int listener = world.A.Listen(RepairWorld.V4);
        int unconnected = TcpSocket.Create(SockAddress.AF_INET).Count;
        int connecting = world.A.Inside(() =>
        {
            int fd = TcpSocket.Create(SockAddress.AF_INET).Count;
            TcpSocket.Connect(fd, SockAddress.From(new IPEndPoint(IPAddress.Parse("10.78.0.11"), 1)));
            return fd;
        });

        var verdicts = Array.ConvertAll((int[])[listener, unconnected, connecting, -1], fd => TcpDump.Freeze(fd, false, ImageClock.Now).Verdict);

        Assert.Equal([DumpVerdict.Listening, DumpVerdict.Over, DumpVerdict.Connecting, DumpVerdict.Failed], verdicts);
        foreach (int fd in (int[])[listener, unconnected, connecting]) { Descriptor.Close(fd); }
    }

    [LabFact]
    public void Keepalive_goes_on_with_the_same_times()
    {
        using MovableConnection connection = world.Connect(RepairWorld.V4);
        TcpSocket.Set(connection.Fd, SocketOption.KeepAlive, 1);
        foreach ((int name, int value) in ((int, int)[])[(4, 1), (5, 1), (6, 2)]) { TcpSocket.Set(connection.Fd, new SocketOption(6, name), value); }

        connection.Move();
        connection.AssertAlive();
        world.B.Fence();        // nobody answers any more

        Assert.Equal(new TcpKeepAlive(1, 1, 2), connection.Image!.KeepAlive);
        Errno error = default;
        Eventually.Holds(Eventually.Seconds(20), () => (error = TcpSocket.TakeError(connection.Fd)) != Errno.None, () => "no error");
        Assert.Equal(Errno.ETIMEDOUT, error);
    }
}
