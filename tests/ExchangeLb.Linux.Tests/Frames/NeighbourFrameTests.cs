using System;
using System.Net;
using ExchangeLb.Linux.Frames;
using Xunit;

namespace ExchangeLb.Linux.Tests.Frames;

/// <summary>Golden bytes were made, checksums too, by another program.</summary>
public sealed class NeighbourFrameTests
{
    private static readonly MacAddress Own = new(0x02_00_00_00_00_21);
    private static readonly UInt128 Vip = IPAddress.Parse("fd00:200::25").ToUInt128();

    [Fact]
    public void A_probe_comes_from_no_address_and_has_no_option() =>
        AssertBytes(
            "3333ff000025 020000000021 86dd 60000000 0018 3a ff 00000000000000000000000000000000 ff0200000000000000000001ff000025 87007b5d00000000 fd000200000000000000000000000025",
            NeighbourFrame.Probe(Own, Vip));

    [Fact]
    public void A_question_brings_the_hardware_address_of_its_sender() =>
        AssertBytes(
            "3333ff000022 020000000021 86dd 60000000 0020 3a ff fd000200000000000000000000000021 ff0200000000000000000001ff000022 8700791700000000 fd000200000000000000000000000022 0101 020000000021",
            NeighbourFrame.Request(Own, IPAddress.Parse("fd00:200::21").ToUInt128(), IPAddress.Parse("fd00:200::22").ToUInt128()));

    [Fact]
    public void An_announcement_overrides_what_all_nodes_know() =>
        AssertBytes(
            "333300000001 020000000021 86dd 60000000 0020 3a ff fd000200000000000000000000000025 ff020000000000000000000000000001 8800563320000000 fd000200000000000000000000000025 0201 020000000021",
            NeighbourFrame.Announcement(Own, Vip));

    [Fact]
    public void What_was_written_is_read() =>
        Assert.All([NeighbourFrame.Probe(Own, Vip), NeighbourFrame.Announcement(Own, Vip)], frame =>
        {
            Assert.True(NeighbourFrame.TryRead(Written(frame), out NeighbourFrame back));
            Assert.Equal(frame, back);
        });

    [Theory]
    [InlineData(13, "another EtherType")]
    [InlineData(20, "another protocol")]
    [InlineData(21, "a hop limit below 255: from another link")]
    [InlineData(54, "another message")]
    [InlineData(57, "a wrong checksum")]
    [InlineData(62, "a changed target")]
    public void What_RFC_4861_does_not_believe_is_left(int offset, string reason)
    {
        byte[] frame = Written(NeighbourFrame.Announcement(Own, Vip));
        frame[offset] ^= 0x10;

        Assert.False(NeighbourFrame.TryRead(frame, out _), reason);
    }

    [Fact]
    public void A_frame_that_is_cut_off_is_left() =>
        Assert.All(
            System.Linq.Enumerable.Range(0, NeighbourFrame.MaxLength),
            length => Assert.False(NeighbourFrame.TryRead(Written(NeighbourFrame.Announcement(Own, Vip)).AsSpan(0, length), out _)));

    private static byte[] Written(NeighbourFrame frame)
    {
        byte[] bytes = new byte[NeighbourFrame.MaxLength];
        return bytes[..frame.Write(bytes)];
    }

    private static void AssertBytes(string golden, NeighbourFrame frame) =>
        Assert.Equal(golden.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(Written(frame)));
}
