using System.Net.Sockets;
using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

public sealed class ResetTests(RepairWorld world) : IClassFixture<RepairWorld>
{
    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Of_a_connection_without_a_socket_is_accepted_at_once(int version)
    {
        using MovableConnection connection = world.Connect(version);
        connection.AssertAlive();
        world.A.Fence();
        TcpImage image = connection.Freeze();
        TcpDump.CloseFrozen(connection.Fd);
        world.B.OpenFence();

        SysResult reset = world.B.Inside(() => TcpReset.Exactly(image.Local, image.Remote, image.SendUnacked, image.ReceiveNext));

        Assert.True(reset.Ok, reset.ToString());
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => connection.ClientReadsEnd()).SocketErrorCode);
    }

    /// <summary>One that is only about right is answered, and does nothing (RFC 5961, 3.2): so the numbers matter.</summary>
    [LabFact]
    public void With_other_numbers_does_nothing()
    {
        using MovableConnection connection = world.Connect(RepairWorld.V4);
        connection.AssertAlive();
        world.A.Fence();
        TcpImage image = connection.Freeze();
        TcpDump.CloseFrozen(connection.Fd);
        world.B.FenceInward();      // else the answer would be answered: by an exact one

        SysResult reset = world.B.Inside(() => TcpReset.Exactly(image.Local, image.Remote, image.SendUnacked + 100, image.ReceiveNext));
        connection.Go(world.B, image);

        Assert.True(reset.Ok, reset.ToString());
        connection.AssertAlive();
    }

    [LabFact]
    public void Is_refused_while_the_connection_has_a_socket_here()
    {
        using MovableConnection connection = world.Connect(RepairWorld.V4);
        world.A.Fence();
        TcpImage image = connection.Freeze();

        SysResult reset = world.A.Inside(() => TcpReset.Exactly(image.Local, image.Remote, image.SendUnacked, image.ReceiveNext));
        world.A.OpenFence();
        TcpDump.Resume(connection.Fd);

        Assert.Equal(Errno.EADDRNOTAVAIL, reset.Error);
        connection.AssertAlive();
    }
}
