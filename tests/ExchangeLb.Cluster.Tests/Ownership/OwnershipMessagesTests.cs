using System;
using System.Collections.Immutable;
using System.Net;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

public sealed class OwnershipMessagesTests
{
    private static readonly VipModel Vip = new(IPAddress.Parse("192.168.200.25"), 24, "eth0", []);

    private static readonly OwnershipMessage Grant = new(
        OwnershipMessageType.Grant, 0x01020304, new(new(true, true, 7), true, false, 100), 0x1112131415161718, 0x2122232425262728, 0x31323334,
        2, 0x4142434445464748, 0x5152535455565758);

    [Fact]
    public void A_grant_has_these_bytes()
    {
        byte[] body = new byte[OwnershipMessages.SizeBytes];

        int written = OwnershipMessages.Write(body, Grant);

        Assert.Equal(56, written);
        Assert.Equal(
            "01020700" + "04030201" + "6400" + "0000" + "07000000" + "34333231" + "02000000" + "1817161514131211" + "2827262524232221"
            + "4847464544434241" + "5857565554535251",
            Convert.ToHexString(body));
    }

    [Fact]
    public void What_the_guard_says_has_these_bytes()
    {
        byte[] body = new byte[OwnershipMessages.SizeBytes];

        OwnershipMessages.WriteReleasedByGuard(body, Vip, 0x1112131415161718);

        Assert.Equal(
            "01070000" + "44C82AE7" + "0000" + "0000" + "00000000" + "00000000" + "00000000" + "1817161514131211" + "FFFFFFFFFFFFFFFF"
            + "0000000000000000" + "0000000000000000",
            Convert.ToHexString(body));
    }

    [Fact]
    public void What_was_written_is_read()
    {
        byte[] body = new byte[OwnershipMessages.SizeBytes];
        OwnershipMessages.Write(body, Grant);

        Assert.True(OwnershipMessages.TryRead(body, out OwnershipMessage read));

        Assert.Equal(Grant, read);
    }

    [Fact]
    public void What_a_later_release_adds_at_the_end_is_left_unread()
    {
        byte[] body = new byte[OwnershipMessages.SizeBytes + 8];
        OwnershipMessages.Write(body, Grant);

        Assert.True(OwnershipMessages.TryRead(body, out OwnershipMessage read));

        Assert.Equal(Grant, read);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 9)]
    public void Another_form_or_an_unknown_type_is_not_read(int place, byte value)
    {
        byte[] body = new byte[OwnershipMessages.SizeBytes];
        OwnershipMessages.Write(body, Grant);
        body[place] = value;

        Assert.False(OwnershipMessages.TryRead(body, out _));
    }

    [Fact]
    public void A_short_message_is_not_read()
    {
        byte[] body = new byte[OwnershipMessages.SizeBytes];
        OwnershipMessages.Write(body, Grant);

        for (int length = 0; length < body.Length; length++) { Assert.False(OwnershipMessages.TryRead(body.AsSpan(0, length), out _)); }
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        Random random = new(3);
        byte[] body = new byte[80];

        for (int round = 0; round < 100_000; round++)
        {
            random.NextBytes(body);
            body[0] = 1;
            OwnershipMessages.TryRead(body.AsSpan(0, random.Next(body.Length)), out _);
        }
    }
}
