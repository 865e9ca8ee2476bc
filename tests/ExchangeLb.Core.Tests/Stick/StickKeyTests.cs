using System;
using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Stick;
using ExchangeLb.Core.Tests.Balance;
using Xunit;

namespace ExchangeLb.Core.Tests.Stick;

public sealed class StickKeyTests
{
    [Theory]
    [InlineData("192.0.2.7", StickKeyKind.IPv4, "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", StickKeyKind.IPv4, "192.0.2.7")]
    [InlineData("255.255.255.255", StickKeyKind.IPv4, "255.255.255.255")]
    [InlineData("192.0.2.7", StickKeyKind.IPv6, "::ffff:192.0.2.7")]
    [InlineData("2001:db8::1", StickKeyKind.IPv6, "2001:db8::1")]
    public void An_address_becomes_a_key_and_an_address_again(string client, StickKeyKind kind, string shown)
    {
        bool stored = StickKey.FromAddress(Balancing.Mapped(client), kind, out UInt128 key);

        Assert.True(stored);
        Assert.Equal(IPAddress.Parse(shown), StickKey.ToAddress(key, kind));
    }

    [Theory]
    [InlineData("2001:db8::1")]
    [InlineData("::1")]
    [InlineData("::192.0.2.7")]
    [InlineData("1::ffff:192.0.2.7")]
    public void A_true_ipv6_client_has_no_place_in_a_table_of_ipv4(string client) =>
        Assert.False(StickKey.FromAddress(Balancing.Mapped(client), StickKeyKind.IPv4, out _));
}
