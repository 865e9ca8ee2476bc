using System;
using System.Net.Sockets;
using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Lab.Tests.World;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>A connection that one side, or both, have ended already goes on at another node.</summary>
public sealed class EndTests(RepairWorld world) : IClassFixture<RepairWorld>
{
    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void The_client_has_ended_and_still_gets_its_answer(int version)
    {
        using MovableConnection connection = world.Connect(version);
        byte[] question = Pattern.Bytes(10, 4000), answer = Pattern.Bytes(11, 40_000);
        connection.Client.Send(question);
        connection.Client.Shutdown(SocketShutdown.Send);
        connection.AwaitEnd();

        connection.Move();
        connection.Move();      // the second time the kernel does not know of the end

        Assert.True(connection.Image!.Has(TcpTraits.PeerEnded));
        Assert.Equal(question, connection.Read(question.Length));
        Assert.True(connection.ReadsEnd());
        connection.Write(answer);
        Assert.True(TcpSocket.ShutdownWrite(connection.Fd).Ok);
        Assert.Equal(answer, connection.ClientReads(answer.Length));
        Assert.True(connection.ClientReadsEnd());
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void The_node_has_ended_and_the_client_goes_on(int version)
    {
        using MovableConnection connection = world.Connect(version);
        Assert.True(TcpSocket.ShutdownWrite(connection.Fd).Ok);
        Assert.True(connection.ClientReadsEnd());

        connection.Move();
        connection.Move();

        Assert.True((connection.Image!.Traits & (TcpTraits.EndSent | TcpTraits.EndAcknowledged)) != 0);
        byte[] sent = Pattern.Bytes(12, 60_000);
        connection.Client.Send(sent);
        Assert.Equal(sent, connection.Read(sent.Length));
        connection.Client.Shutdown(SocketShutdown.Send);
        Assert.True(connection.ReadsEnd());
    }

    /// <summary>The end may be on its way behind bytes, or have arrived with its acknowledgement lost, or wait behind what was never sent.</summary>
    [LabTheory]
    [InlineData(RepairWorld.V4, 0, false)]
    [InlineData(RepairWorld.V4, 0, true)]
    [InlineData(RepairWorld.V4, 5000, false)]
    [InlineData(RepairWorld.V4, 5000, true)]
    [InlineData(RepairWorld.V4, 14_300, true)]       // a first flight, but for its end
    [InlineData(RepairWorld.V4, 40_000, false)]
    [InlineData(RepairWorld.V6, 0, false)]
    [InlineData(RepairWorld.V6, 5000, false)]
    [InlineData(RepairWorld.V6, 5000, true)]
    [InlineData(RepairWorld.V6, 40_000, false)]
    public void The_nodes_end_was_not_acknowledged(int version, int length, bool arrivedBefore)
    {
        using MovableConnection connection = world.Connect(version);
        byte[] last = Pattern.Bytes(13, length);

        if (arrivedBefore) { world.A.FenceInward(); } else { world.ClientSide.FenceInward(); }
        connection.Write(last);
        Assert.True(TcpSocket.ShutdownWrite(connection.Fd).Ok);
        if (arrivedBefore)
        {
            Assert.Equal(last, connection.ClientReads(length));
            Assert.True(connection.ClientReadsEnd());
        }
        connection.Move();

        Assert.True(connection.Image!.Has(length > 20_000 ? TcpTraits.EndQueued : TcpTraits.EndSent), connection.Image.Traits.ToString());
        if (!arrivedBefore)
        {
            Assert.Equal(last, connection.ClientReads(length));
            Assert.True(connection.ClientReadsEnd());
        }
        byte[] sent = Pattern.Bytes(14, 3000);
        connection.Client.Send(sent);
        Assert.Equal(sent, connection.Read(sent.Length));
        connection.Client.Shutdown(SocketShutdown.Send);
        Assert.True(connection.ReadsEnd());
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Both_have_ended_and_the_nodes_last_bytes_are_on_their_way(int version)
    {
        using MovableConnection connection = world.Connect(version);
        connection.Client.Shutdown(SocketShutdown.Send);
        connection.AwaitEnd();
        byte[] last = Pattern.Bytes(15, 7000);

        world.ClientSide.FenceInward();
        connection.Write(last);
        Assert.True(TcpSocket.ShutdownWrite(connection.Fd).Ok);
        connection.Move();

        Assert.True(connection.Image!.Has(TcpTraits.PeerEnded | TcpTraits.EndSent));
        Assert.Equal(last, connection.ClientReads(last.Length));
        Assert.True(connection.ClientReadsEnd());
        Assert.True(connection.ReadsEnd());
    }

    /// <summary>The kernel waits for the other end, which has come before; by default for a minute.</summary>
    [LabFact]
    public void Both_have_ended_and_soon_nothing_is_left_in_the_kernel()
    {
        using MovableConnection connection = world.Connect(RepairWorld.V4);
        connection.Client.Shutdown(SocketShutdown.Send);
        connection.AwaitEnd();
        connection.Move();

        Descriptor.Close(connection.Release());

        Assert.True(connection.ClientReadsEnd());
        string sockets = "";
        Eventually.Holds(Eventually.Seconds(20), () => (sockets = world.B.Host.Run("ss", "-Htan", "state", "fin-wait-1", "state", "fin-wait-2")).Length == 0, () => sockets);
    }

    [LabTheory]
    [InlineData(RepairWorld.V4)]
    [InlineData(RepairWorld.V6)]
    public void Both_have_ended_and_nothing_is_left_to_move(int version)
    {
        using MovableConnection ended = world.Connect(version);
        ended.Client.Shutdown(SocketShutdown.Send);
        ended.AwaitEnd();
        ended.Move();       // so that the kernel at the other node waits for an end that has come before
        Assert.True(TcpSocket.ShutdownWrite(ended.Fd).Ok);
        Assert.True(ended.ClientReadsEnd());

        DumpVerdict verdict = default;
        Eventually.Holds(Eventually.Seconds(20), () => (verdict = TcpDump.Freeze(ended.Fd, peerEnded: true, ImageClock.Now).Verdict) == DumpVerdict.Over, () => verdict.ToString());
    }
}
