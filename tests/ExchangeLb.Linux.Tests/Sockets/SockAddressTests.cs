using System;
using System.Net;
using System.Runtime.InteropServices;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Linux.Tests.Sockets;

public sealed class SockAddressTests
{
    [Theory]
    [InlineData("192.168.200.25:443")]
    [InlineData("0.0.0.0:0")]
    [InlineData("[2001:db8::1]:65535")]
    [InlineData("[fe80::1%3]:25")]
    [InlineData("[::ffff:10.0.0.1]:80")]
    public void An_end_point_comes_back_as_it_was(string text)
    {
        var endPoint = IPEndPoint.Parse(text);
        var address = SockAddress.From(endPoint);
        Assert.Equal(endPoint, address.ToEndPoint());
        Assert.Equal(endPoint.Port, address.Port);
        Assert.Equal(endPoint.ToString(), address.ToString());
    }

    [Fact]
    public void The_kernel_gets_family_port_and_address_in_its_order()
    {
        // ip(7): family in the host's order, port and address in the network's.
        var address = SockAddress.From(IPEndPoint.Parse("192.168.200.25:443"));
        byte[] bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<SockAddress>(in address))[..16].ToArray();
        Assert.Equal([2, 0, 1, 187, 192, 168, 200, 25, 0, 0, 0, 0, 0, 0, 0, 0], bytes);
        Assert.Equal(16u, address.Length);
    }

    [Fact]
    public void An_IPv6_address_stands_behind_its_flow_label_and_before_its_scope()
    {
        // ipv6(7): sin6_flowinfo at 4, sin6_addr at 8, sin6_scope_id at 24.
        var address = SockAddress.From(new IPEndPoint(IPAddress.Parse("fe80::2%7"), 443));
        byte[] bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<SockAddress>(in address)).ToArray();
        Assert.Equal([10, 0, 1, 187, 0, 0, 0, 0, 0xFE, 0x80], bytes[..10]);
        Assert.Equal([2, 7, 0, 0, 0], bytes[23..]);
        Assert.Equal(28u, address.Length);
    }

    [Fact]
    public void Mapped_is_the_same_for_an_IPv4_client_on_either_kind_of_socket()
    {
        UInt128 plain = SockAddress.From(IPEndPoint.Parse("10.1.2.3:1")).Mapped;
        UInt128 mapped = SockAddress.From(IPEndPoint.Parse("[::ffff:10.1.2.3]:2")).Mapped;
        Assert.Equal(plain, mapped);
        Assert.Equal(new UInt128(0, 0x0000_FFFF_0A01_0203), plain);
    }

    [Fact]
    public void A_port_can_be_replaced()
    {
        var address = SockAddress.From(IPEndPoint.Parse("10.1.2.3:80"));
        Assert.Equal("10.1.2.3:8080", address.WithPort(8080).ToString());
        Assert.Equal("10.1.2.3:80", address.ToString());
    }
}
