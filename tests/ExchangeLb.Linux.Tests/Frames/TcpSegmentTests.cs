using System;
using System.Net;
using ExchangeLb.Linux.Frames;
using Xunit;

namespace ExchangeLb.Linux.Tests.Frames;

public class TcpSegmentTests
{
    private const string Ethernet = "020000000001020000000002";
    private const string V4 = "0800" + "4500003C00004000400600000A4E000B0A4E0064";                                     // 60 bytes, 10.78.0.11 to .100
    private const string V6 = "86DD" + "6000000000280640" + "FD780000000000000000000000000011" + "FD780000000000000000000000000100";
    private const string Tcp = "C3501D13" + "000003E8" + "FFFFFFFA" + "5011" + "01F600000000";                          // 50000 to 7443, FIN and ACK, no options

    [Theory]
    [InlineData(V4, "::ffff:10.78.0.11")]
    [InlineData(V6, "fd78::11")]
    public void Is_read_with_its_numbers_though_its_data_is_cut_off(string head, string source)
    {
        byte[] frame = Convert.FromHexString(Ethernet + head + Tcp);

        Assert.True(TcpSegment.TryRead(frame, out TcpSegment segment));

        Assert.Equal(IPAddress.Parse(source).ToUInt128(), segment.Source);
        Assert.Equal(
            segment with { SourcePort = 50_000, DestinationPort = 7443, Sequence = 1000, Acknowledged = 4_294_967_290, Length = 21, Acknowledges = true, Resets = false }, segment);
    }

    [Theory]
    [InlineData("02")]      // SYN
    [InlineData("12")]      // SYN and ACK
    public void A_handshake_is_not_read(string flags) =>
        Assert.False(TcpSegment.TryRead(Convert.FromHexString(Ethernet + V4 + Tcp.Replace("5011", "50" + flags, StringComparison.Ordinal)), out _));

    [Theory]
    [InlineData("0101080A0000000700000009", 9U)]
    [InlineData("080A00000007FFFFFFFF0000", uint.MaxValue)]
    [InlineData("020405B401010101080A0000000700000009", null)]      // shorter than it says
    [InlineData("00000000080A000000070000", null)]                  // behind the end of options
    [InlineData("0800080A0000000700000009", null)]                  // an option without a length
    [InlineData("01010101", null)]
    public void The_last_timestamp_that_its_sender_took_is_read(string options, uint? echo)
    {
        string head = Tcp.Replace("5011", $"{5 + (options.Length / 8):X}010", StringComparison.Ordinal);

        Assert.True(TcpSegment.TryRead(Convert.FromHexString(Ethernet + V4 + head + options), out TcpSegment segment));

        Assert.Equal(echo, segment.Echo);
    }

    [Fact]
    public void A_reset_is_known_as_one()
    {
        Assert.True(TcpSegment.TryRead(Convert.FromHexString(Ethernet + V4 + Tcp.Replace("5011", "5004", StringComparison.Ordinal)), out TcpSegment segment));

        Assert.True(segment is { Resets: true, Acknowledges: false, Acknowledged: 0 });
    }

    [Fact]
    public void What_is_cut_off_in_its_headers_or_damaged_is_refused_without_harm()
    {
        byte[] frame = Convert.FromHexString(Ethernet + V4 + Tcp);
        for (int length = 0; length < frame.Length; length++) { Assert.False(TcpSegment.TryRead(frame.AsSpan(0, length), out _)); }
        Random random = new(20261122);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] damaged = [.. frame];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            TcpSegment.TryRead(damaged, out _);
        }
    }
}
