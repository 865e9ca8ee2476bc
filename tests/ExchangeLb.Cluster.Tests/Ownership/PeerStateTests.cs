using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

public sealed class PeerStateTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(1);

    private readonly PeerState _peer = new(new NodeId(2), place: 1);

    public PeerStateTests() => _peer.Seen(true, Now);

    [Fact]
    public void What_was_heard_before_is_not_heard_again()
    {
        Assert.True(Says(100, 1));
        Assert.True(Says(100, 3));

        Assert.False(Says(100, 3));
        Assert.False(Says(100, 2));
        Assert.Equal(3u, _peer.Number);
    }

    [Fact]
    public void A_later_life_takes_the_place_of_the_earlier_one_and_counts_from_the_beginning()
    {
        Says(100, 7);

        Assert.True(Says(101, 1));

        Assert.Equal(101u, _peer.Incarnation);
        Assert.False(Says(100, 8));
    }

    [Fact]
    public void A_life_with_an_earlier_clock_is_not_believed_while_the_node_was_never_away()
    {
        Says(100, 1);

        Assert.False(Says(50, 1));

        Assert.Equal(100u, _peer.Incarnation);
    }

    [Fact]
    public void A_life_with_an_earlier_clock_is_believed_after_the_node_was_away()
    {
        Says(100, 7);
        _peer.Seen(false, Now);
        _peer.Seen(true, Now);

        Assert.True(Says(50, 1));

        Assert.Equal(50u, _peer.Incarnation);
        Assert.True(_peer.IsFormer(100));
        Assert.False(Says(100, 8));
    }

    [Fact]
    public void A_node_that_was_away_and_is_the_same_goes_on_where_it_was()
    {
        Says(100, 7);
        _peer.Seen(false, Now);
        _peer.Seen(true, Now);

        Assert.False(Says(100, 7));
        Assert.True(Says(100, 8));
        Assert.False(Says(50, 1));
    }

    [Fact]
    public void A_life_that_its_guard_has_ended_is_not_heard_any_more()
    {
        Says(100, 1);

        Assert.True(Says(100, OwnershipMessages.All));

        Assert.False(Says(100, 2));
        Assert.True(Says(101, 1));
    }

    [Fact]
    public void What_a_guard_says_late_of_a_former_life_does_not_end_the_present_one()
    {
        Says(100, 7);
        _peer.Seen(false, Now);
        _peer.Seen(true, Now);
        Says(50, 1);

        Says(100, OwnershipMessages.All);

        Assert.True(Says(50, 2));
    }

    [Fact]
    public void It_speaks_when_it_is_heard_and_is_heard_when_it_comes_into_view()
    {
        PeerState peer = new(new NodeId(2), place: 1);
        peer.Seen(true, Now);

        Assert.Equal(Now, peer.HeardAt);
        Assert.Equal(Moments.Never, peer.SpokeAt);
    }

    private bool Says(ulong incarnation, ulong number) =>
        _peer.Accept(new(OwnershipMessageType.State, 1, default, incarnation, number, 0), Now);
}
