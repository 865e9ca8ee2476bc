using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;

namespace ExchangeLb.Cluster.Orders;

/// <summary>An <see cref="Order"/> as the body of a message of kind <see cref="MessageKind.Order"/>. Fields are only ever added at the end.</summary>
public static class OrderCodec
{
    private const byte Form = 1;

    /// <returns>The length of the body; 0: the room was too small.</returns>
    public static int Write(Order order, Span<byte> room)
    {
        BodyWriter body = new(room);
        body.Byte(Form);
        body.Byte((byte)order.Kind);
        body.UInt64(order.Number);
        body.UInt32(order.Target.Value);
        body.Flag(order.Done);
        body.Text(order.First);
        body.Text(order.Second);
        return body.Overflowed ? 0 : body.Length;
    }

    /// <returns>Null: damaged. An order of a kind that only a later release knows is returned, so that it can be refused by answer.</returns>
    public static Order? Read(ReadOnlySpan<byte> received)
    {
        BodyReader body = new(received);
        byte form = body.Byte();
        Order order = new((OrderKind)body.Byte(), body.UInt64(), new NodeId(body.UInt32()), body.Flag(), body.Text(), body.Text());
        return body.Failed || form < Form ? null : order;
    }
}
