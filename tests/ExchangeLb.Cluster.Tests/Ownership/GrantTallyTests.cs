using System;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

public sealed class GrantTallyTests
{
    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void A_lease_counts_from_the_sending_of_what_was_granted()
    {
        GrantTally tally = new(2);
        tally.Sent(1, Ms(10));
        tally.Sent(2, Ms(20));

        Assert.True(tally.Granted(1, 1));
        Assert.Equal(Ms(10), tally.GrantedFrom(1));
        Assert.True(tally.Granted(1, 2));
        Assert.Equal(Ms(20), tally.GrantedFrom(1));
    }

    [Fact]
    public void A_grant_that_comes_late_takes_nothing_back()
    {
        GrantTally tally = new(2);
        tally.Sent(1, Ms(10));
        tally.Sent(2, Ms(20));
        tally.Granted(1, 2);

        Assert.False(tally.Granted(1, 1));

        Assert.Equal(Ms(20), tally.GrantedFrom(1));
    }

    [Fact]
    public void Of_four_peers_the_second_best_grant_counts_when_two_are_needed()
    {
        GrantTally tally = new(5);
        for (int number = 1; number <= 4; number++) { tally.Sent((ulong)number, Ms(number * 10)); }
        for (int place = 1; place <= 4; place++) { tally.Granted(place, (ulong)place); }

        Assert.Equal(Ms(30), tally.GrantedFrom(2));
    }

    [Fact]
    public void Without_enough_grants_there_is_no_lease()
    {
        GrantTally tally = new(5);
        tally.Sent(1, Ms(10));
        tally.Granted(3, 1);

        Assert.Equal(Moments.Never, tally.GrantedFrom(2));
    }

    [Fact]
    public void What_was_withdrawn_counts_no_more_even_if_it_is_granted_later()
    {
        GrantTally tally = new(2);
        tally.Sent(1, Ms(10));
        tally.Sent(2, Ms(20));
        tally.Granted(1, 1);

        tally.Void(2);

        Assert.False(tally.Granted(1, 2));
        Assert.Equal(Moments.Never, tally.GrantedFrom(1));
    }

    [Fact]
    public void What_was_never_sent_is_no_grant() => Assert.False(new GrantTally(2).Granted(1, 7));
}
