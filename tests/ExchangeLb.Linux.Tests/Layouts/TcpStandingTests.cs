using System;
using ExchangeLb.Linux.Repair;
using Xunit;

namespace ExchangeLb.Linux.Tests.Layouts;

/// <summary>Offsets in struct tcp_info (linux/tcp.h).</summary>
public sealed class TcpStandingTests
{
    private const byte ESTABLISHED = 1;

    [Theory]
    [InlineData(0, 1)]      // tcpi_state
    [InlineData(24, 4)]     // tcpi_unacked
    [InlineData(120, 8)]    // tcpi_bytes_acked
    [InlineData(128, 8)]    // tcpi_bytes_received
    [InlineData(144, 4)]    // tcpi_notsent_bytes
    [InlineData(200, 8)]    // tcpi_bytes_sent
    [InlineData(228, 4)]    // tcpi_snd_wnd
    public void Each_byte_of_what_rises_with_the_connection_makes_another_standing(int offset, int length)
    {
        for (int i = offset; i < offset + length; i++)
        {
            byte[] info = Established();
            info[i] ^= 0x80;

            Assert.NotEqual(TcpStanding.Read(Established()), TcpStanding.Read(info));
        }
    }

    [Fact]
    public void Times_and_segments_that_carry_nothing_make_none()
    {
        byte[] info = Established();
        info.AsSpan(44, 16).Fill(1);    // tcpi_last_data_sent to tcpi_last_ack_recv
        info.AsSpan(136, 8).Fill(1);    // tcpi_segs_out, tcpi_segs_in: a keepalive, and its answer

        Assert.Equal(TcpStanding.Read(Established()), TcpStanding.Read(info));
    }

    [Theory]
    [InlineData(0, 8, false)]       // CLOSE_WAIT
    [InlineData(24, 1, false)]
    [InlineData(144, 1, false)]
    [InlineData(128, 1, true)]
    public void Quiet_is_what_is_established_and_has_nothing_under_way(int offset, byte value, bool quiet)
    {
        byte[] info = Established();
        info[offset] = value;

        Assert.Equal(quiet, TcpStanding.Read(info).IsQuiet);
    }

    private static byte[] Established()
    {
        byte[] info = new byte[TcpStanding.Length];
        info[0] = ESTABLISHED;
        return info;
    }
}
