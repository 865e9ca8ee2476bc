using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Orders;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Orders;

public sealed class OrderCodecTests
{
    private static readonly Order Sample = new(OrderKind.Switchover, 5, new NodeId(2), false, "192.168.200.25", "lb2");

    [Fact]
    public void An_order_has_these_bytes() =>
        Assert.Equal(
            "01" + "01" + "0500000000000000" + "02000000" + "00" + "0E00" + "3139322E3136382E3230302E3235" + "0300" + "6C6232",
            Convert.ToHexString(Written(Sample)));

    [Fact]
    public void What_was_written_is_read() => Assert.Equal(Sample, OrderCodec.Read(Written(Sample)));

    [Fact]
    public void An_order_of_a_later_release_can_be_answered() =>
        Assert.Equal((OrderKind)99, OrderCodec.Read(Written(Sample with { Kind = (OrderKind)99 }))!.Kind);

    [Fact]
    public void An_order_that_is_cut_anywhere_is_none()
    {
        byte[] written = Written(Sample);
        for (int length = 0; length < written.Length; length++)
        {
            Assert.Null(OrderCodec.Read(written.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_text_beyond_all_measure_is_cut()
    {
        byte[] room = new byte[64 * 1024];

        int length = OrderCodec.Write(Sample with { First = new string('é', 10_000) }, room);

        Assert.Equal(new string('é', 1024), OrderCodec.Read(room.AsSpan(0, length))!.First);
    }

    private static byte[] Written(Order order)
    {
        byte[] room = new byte[1024];
        return room[..OrderCodec.Write(order, room)];
    }
}
