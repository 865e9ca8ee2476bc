using System;
using ExchangeLb.Cluster.Kernel;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Kernel;

public sealed class HeldFramesTests
{
    [Theory]
    [InlineData(0x02, true)]      // SYN
    [InlineData(0xc2, true)]      // SYN of an ECN client: ECE and CWR too (RFC 3168, 6.1.1)
    [InlineData(0x12, false)]     // SYN ACK
    [InlineData(0x10, false)]     // ACK
    [InlineData(0x03, false)]     // SYN FIN: nonsense
    [InlineData(0x06, false)]     // SYN RST: nonsense
    public void Only_what_asks_for_a_connection_is_a_pure_SYN(byte flags, bool pure)
    {
        byte[] v4 = Packet(40, protocolAt: 9, tcpAt: 20, flags);
        v4[0] = 0x45;
        byte[] v4WithOptions = Packet(44, protocolAt: 9, tcpAt: 24, flags);
        v4WithOptions[0] = 0x46;
        byte[] v6 = Packet(60, protocolAt: 6, tcpAt: 40, flags);
        v6[0] = 0x60;

        Assert.Equal((pure, pure, pure), (HeldFrames.IsPureSyn(v4), HeldFrames.IsPureSyn(v4WithOptions), HeldFrames.IsPureSyn(v6)));
    }

    [Fact]
    public void What_is_not_TCP_or_is_cut_off_is_none()
    {
        byte[] udp = Packet(40, protocolAt: 9, tcpAt: 20, 0x02);
        (udp[0], udp[9]) = (0x45, 17);
        byte[] tcp = Packet(60, protocolAt: 6, tcpAt: 40, 0x02);
        tcp[0] = 0x60;

        Assert.False(HeldFrames.IsPureSyn(udp));
        Assert.All(System.Linq.Enumerable.Range(0, 54), length => Assert.False(HeldFrames.IsPureSyn(tcp.AsSpan(0, length))));
    }

    private static byte[] Packet(int length, int protocolAt, int tcpAt, byte flags)
    {
        byte[] packet = new byte[length];
        packet[protocolAt] = 6;
        packet[tcpAt + 13] = flags;
        return packet;
    }
}
