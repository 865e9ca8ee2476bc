using System;
using ExchangeLb.Cluster.Recording;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Recording;

public sealed class RecordMessagesTests
{
    private static readonly byte[] Golden = [1, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, 7, 8];

    [Fact]
    public void The_bytes_on_the_wire_stay_as_they_are()
    {
        byte[] body = [9, 9, 9, 9, 9, 9, 9, 9, 7, 8];

        RecordMessages.WriteHeader(body, 0x12345678);

        Assert.Equal(Golden, body);
        Assert.True(RecordMessages.TryRead(Golden, out uint vip, out bool _, out ReadOnlySpan<byte> records));
        Assert.Equal(0x12345678u, vip);
        Assert.Equal([7, 8], records.ToArray());
    }

    [Fact]
    public void Lost_sessions_are_told_in_a_form_that_former_releases_refuse()
    {
        byte[] body = [9, 9, 9, 9, 9, 9, 9, 9, 7, 8];

        RecordMessages.WriteHeader(body, 0x12345678, areLost: true);

        Assert.Equal([1, 1, 0, 0, .. Golden[4..]], body);
        Assert.True(RecordMessages.TryRead(body, out uint _, out bool areLost, out ReadOnlySpan<byte> _));
        Assert.True(areLost);
    }

    [Fact]
    public void What_is_cut_of_another_form_or_has_something_where_nothing_belongs_is_not_read()
    {
        for (int length = 0; length <= RecordMessages.HeaderBytes; length++) { Assert.False(RecordMessages.TryRead(Golden.AsSpan(0, length), out _, out _, out _)); }
        for (int place = 0; place < 4; place++)
        {
            byte[] damaged = [.. Golden];
            damaged[place] ^= 2;
            Assert.False(RecordMessages.TryRead(damaged, out _, out _, out _));
        }
    }
}
