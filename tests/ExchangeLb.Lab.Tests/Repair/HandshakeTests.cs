using ExchangeLb.Lab.Tests.Kernel;
using ExchangeLb.Linux.Repair;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>What was not agreed in the handshake is not used after a move either.</summary>
public sealed class HandshakeTests(RepairWorld world) : IClassFixture<RepairWorld>
{
    [LabTheory]
    [InlineData(RepairWorld.V4, "timestamps")]
    [InlineData(RepairWorld.V6, "timestamps")]
    [InlineData(RepairWorld.V4, "sack")]
    [InlineData(RepairWorld.V6, "sack")]
    [InlineData(RepairWorld.V4, "window_scaling")]
    [InlineData(RepairWorld.V6, "window_scaling")]
    public void Without(int version, string option)
    {
        world.Client.Set($"ipv4/tcp_{option}", "0");
        try
        {
            using MovableConnection connection = world.Connect(version);
            byte[] big = Pattern.Bytes(20, 400_000);

            connection.Move();
            connection.AssertAlive();
            int sent = connection.ClientFills(20);
            connection.Move();

            Assert.Equal(Pattern.Bytes(20, sent), connection.Read(sent));
            connection.Write(big);
            Assert.Equal(big, connection.ClientReads(big.Length));
            TcpImage image = connection.Image!;
            Assert.Equal(
                (option != "timestamps", option != "sack", option != "window_scaling"),
                (image.Has(TcpTraits.Timestamps), image.Has(TcpTraits.SelectiveAck), image.ReceiveScale > 0));
        }
        finally
        {
            world.Client.Set($"ipv4/tcp_{option}", "1");
        }
    }
}
