using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

public sealed class MoveWishTests
{
    private static readonly NodeId Self = new(1);
    private static readonly NodeId Peer = new(2);

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void A_better_node_gets_it_after_300_ms_without_a_break()
    {
        MoveWish wish = new();

        Assert.Null(wish.Observe((Peer, false), Self, null, Ms(0)).Target);
        Assert.Equal((null, Ms(300)), wish.Observe((Peer, false), Self, null, Ms(299)));
        Assert.Equal(Peer, wish.Observe((Peer, false), Self, null, Ms(300)).Target);
    }

    [Fact]
    public void A_break_begins_the_wait_anew()
    {
        MoveWish wish = new();
        wish.Observe((Peer, false), Self, null, Ms(0));

        wish.Observe((Self, false), Self, null, Ms(200));

        Assert.Null(wish.Observe((Peer, false), Self, null, Ms(301)).Target);
    }

    [Fact]
    public void Preemption_waits_for_its_delay()
    {
        MoveWish wish = new();
        wish.Observe((Peer, true), Self, Ms(2000), Ms(0));

        Assert.Null(wish.Observe((Peer, true), Self, Ms(2000), Ms(1999)).Target);
        Assert.Equal(Peer, wish.Observe((Peer, true), Self, Ms(2000), Ms(2000)).Target);
    }
}
