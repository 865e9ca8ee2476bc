using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Orders;
using ExchangeLb.Clustering;
using ExchangeLb.Core.Runtime;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

/// <summary>Two desks, whose messages all nodes hear, as a cluster's do.</summary>
public sealed class OrderDeskTests
{
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);

    private readonly Envelope _envelope = new("exchange");
    private readonly List<Order> _obeyed = [];
    private readonly OrderDesk _one;
    private readonly OrderDesk _two;
    private bool _queueFull;

    public OrderDeskTests()
    {
        _one = new OrderDesk(One, _envelope, (message, length) => Broadcast(One, message, length), _ => throw new InvalidOperationException("a bug"));
        _two = new OrderDesk(Two, _envelope, (message, length) => Broadcast(Two, message, length), Obey);
    }

    [Fact]
    public async Task An_order_is_obeyed_and_answered()
    {
        CommandResult result = await _one.AskAsync(Two, "lb2", OrderKind.Switchover, "192.168.200.25", "lb1");

        Assert.Equal(new CommandResult(true, "done as asked"), result);
        Order order = Assert.Single(_obeyed);
        Assert.Equal((OrderKind.Switchover, "192.168.200.25", "lb1"), (order.Kind, order.First, order.Second));
    }

    [Fact]
    public async Task Who_asks_a_node_with_a_bug_gets_an_answer_too()
    {
        CommandResult result = await _two.AskAsync(One, "lb1", OrderKind.Standby);

        Assert.Equal(CommandResult.Failed("internal error: a bug"), result);
    }

    [Fact]
    public async Task An_order_that_cannot_be_sent_fails_at_once()
    {
        _queueFull = true;

        CommandResult result = await _one.AskAsync(Two, "lb2", OrderKind.Standby);

        Assert.False(result.Done);
        Assert.Contains("does not take a message now", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Orders_for_others_and_rubbish_are_left_alone()
    {
        byte[] room = new byte[256];
        int length = OrderCodec.Write(new Order(OrderKind.Standby, 1, new NodeId(9), false, "", ""), room);

        _two.Received(One, room.AsSpan(0, length));
        _two.Received(One, [1, 2, 3]);

        Assert.Empty(_obeyed);
    }

    private Task<CommandResult> Obey(Order order)
    {
        _obeyed.Add(order);
        return Task.FromResult(new CommandResult(true, "done as asked"));
    }

    private bool Broadcast(NodeId sender, byte[] message, int length)
    {
        if (_queueFull)
        {
            return false;
        }
        Assert.Equal(OpenResult.Opened, _envelope.Open(message.AsSpan(0, length), out MessageKind kind, out ReadOnlySpan<byte> body));
        Assert.Equal(MessageKind.Order, kind);
        _one.Received(sender, body);
        _two.Received(sender, body);
        return true;
    }
}
