using System;
using System.Net;
using ExchangeLb.Linux.Frames;
using Xunit;

namespace ExchangeLb.Linux.Tests.Frames;

public sealed class ArpFrameTests
{
    private static readonly MacAddress Own = new(0x02_00_00_00_00_21);
    private static readonly uint Vip = IPAddress.Parse("192.168.200.25").ToUInt32();

    [Fact]
    public void A_probe_asks_from_no_address() =>
        // RFC 5227, 2.1.1: sender IP all zero, target hardware address all zero.
        AssertBytes("ffffffffffff 020000000021 0806  0001 0800 06 04 0001  020000000021 00000000  000000000000 c0a8c819", ArpFrame.Probe(Own, Vip));

    [Fact]
    public void A_question_names_its_sender() =>
        AssertBytes(
            "ffffffffffff 020000000021 0806  0001 0800 06 04 0001  020000000021 c0a8c815  000000000000 c0a8c816",
            ArpFrame.Request(Own, IPAddress.Parse("192.168.200.21").ToUInt32(), IPAddress.Parse("192.168.200.22").ToUInt32()));

    [Fact]
    public void An_announcement_as_request_names_the_address_twice() =>
        AssertBytes("ffffffffffff 020000000021 0806  0001 0800 06 04 0001  020000000021 c0a8c819  000000000000 c0a8c819", ArpFrame.AnnounceAsRequest(Own, Vip));

    [Fact]
    public void An_announcement_as_reply_names_address_and_hardware_twice() =>
        AssertBytes("ffffffffffff 020000000021 0806  0001 0800 06 04 0002  020000000021 c0a8c819  020000000021 c0a8c819", ArpFrame.AnnounceAsReply(Own, Vip));

    [Fact]
    public void What_was_written_is_read()
    {
        ArpFrame frame = ArpFrame.AnnounceAsReply(Own, Vip);

        bool read = ArpFrame.TryRead(Written(frame), out ArpFrame back);

        Assert.True(read);
        Assert.Equal(frame, back);
    }

    [Theory]
    [InlineData(12, "another EtherType")]
    [InlineData(15, "other hardware than Ethernet")]
    [InlineData(16, "another protocol than IPv4")]
    [InlineData(18, "another length of hardware addresses")]
    [InlineData(19, "another length of addresses")]
    public void What_is_no_ARP_for_IPv4_is_left(int offset, string reason)
    {
        byte[] frame = Written(ArpFrame.Probe(Own, Vip));
        frame[offset] ^= 1;

        Assert.False(ArpFrame.TryRead(frame, out _), reason);
    }

    [Fact]
    public void A_frame_that_is_cut_off_is_left() =>
        Assert.All(
            System.Linq.Enumerable.Range(0, ArpFrame.Length),
            length => Assert.False(ArpFrame.TryRead(Written(ArpFrame.Probe(Own, Vip)).AsSpan(0, length), out _)));

    private static byte[] Written(ArpFrame frame)
    {
        byte[] bytes = new byte[ArpFrame.Length];
        frame.Write(bytes);
        return bytes;
    }

    private static void AssertBytes(string golden, ArpFrame frame) =>
        Assert.Equal(golden.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(Written(frame)));
}
