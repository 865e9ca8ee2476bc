using System;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using ExchangeLb.Core.Logging;
using ExchangeLb.Core.Tests.Balance;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Logging;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("192.0.2.1")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:db8:0:1:1:1:1:1")]
    [InlineData("1:0:0:2::3")]
    [InlineData("1::2:0:0:3:4")]
    [InlineData("fe80::a00:27ff:fe4e:66a1")]
    [InlineData("1:2:3:4:5:6:7:0")]
    [InlineData("0:2:3:4:5:6:7:8")]
    public void An_address_is_written_in_its_shortest_form(string address) =>
        Assert.Equal(address, Text(Balancing.Mapped(address)));

    [Property]
    public bool Every_address_reads_back_as_itself(ulong high, ulong low, byte zeros)
    {
        UInt128 address = new(high, low);
        for (int i = 0; i < 8; i++)
        {
            address &= (zeros >> i & 1) == 1 ? ~((UInt128)0xFFFF << (16 * i)) : UInt128.MaxValue;
        }
        byte[] bytes = IPAddress.Parse(Text(address)).MapToIPv6().GetAddressBytes();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes) == address;
    }

    private static string Text(UInt128 address)
    {
        byte[] buffer = new byte[64];
        LineWriter line = new(buffer);
        AddressText.AddAddress(ref line, address);
        return Encoding.ASCII.GetString(buffer, 0, line.Length);
    }
}
