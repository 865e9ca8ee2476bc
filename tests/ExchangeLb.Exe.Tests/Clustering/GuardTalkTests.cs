using System.Collections.Immutable;
using System.Net;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class GuardTalkTests
{
    [Fact]
    public void The_list_of_VIPs_arrives_as_it_was_sent()
    {
        VipModel[] sent = [new(IPAddress.Parse("192.168.200.25"), 24, "eth0", []), new(IPAddress.Parse("fd00::25"), 64, "bond0.12", [])];

        string line = GuardTalk.VipsLine("1.0/abc", sent);
        (string Form, ImmutableArray<VipModel> Vips)? read = GuardTalk.ReadVips(line.TrimEnd('\n'));

        Assert.Equal("1.0/abc", read?.Form);
        Assert.Equal(line, GuardTalk.VipsLine("1.0/abc", read!.Value.Vips));
    }

    [Theory]
    [InlineData("beat")]
    [InlineData("vips 1.0/abc")]
    [InlineData("vips 1.0/abc 192.168.200.25/24")]
    [InlineData("vips 1.0/abc 192.168.200.25/x@eth0")]
    [InlineData("vips 1.0/abc 192.168.200.256/24@eth0")]
    public void A_line_that_is_none_is_not_taken_for_one(string line) => Assert.Null(GuardTalk.ReadVips(line));

    [Fact]
    public void The_longest_list_fits_into_a_line()
    {
        VipModel[] most = new VipModel[GuardTalk.VipsMax];
        System.Array.Fill(most, new VipModel(IPAddress.Parse("fd00:1111:2222:3333:4444:5555:6666:7777"), 128, "fifteen-letters", []));

        Assert.True(GuardTalk.VipsLine("1.0/abc", most).Length < GuardTalk.LineMaxBytes);
    }
}
