using System.Net;
using ExchangeLb.Linux.Frames;
using Xunit;

namespace ExchangeLb.Linux.Tests.Frames;

public sealed class MacAddressTests
{
    [Fact]
    public void An_address_is_written_as_everybody_writes_it() => Assert.Equal("02:00:0a:ff:00:21", new MacAddress(0x02_00_0a_ff_00_21).ToString());

    [Fact]
    public void Bytes_come_back_in_their_order()
    {
        byte[] bytes = [0, 0x1b, 0x21, 0xfe, 0x80, 0x99];

        byte[] back = new byte[6];
        MacAddress.Read(bytes).Write(back);

        Assert.Equal(bytes, back);
    }

    [Fact]
    public void A_group_of_IPv6_has_its_own_address() =>
        Assert.Equal("33:33:ff:00:00:25", MacAddress.ForGroup(NeighbourFrame.SolicitedNode(IPAddress.Parse("fd00::25").ToUInt128())).ToString());
}
