using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

public sealed class ConflictWatchTests
{
    private static readonly NodeId Peer = new(2);

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void Three_signs_at_least_60_ms_apart_show_an_owner()
    {
        ConflictWatch watch = new();

        Assert.False(watch.Shown(Peer, Ms(0)));
        Assert.False(watch.Shown(Peer, Ms(60)));
        Assert.True(watch.Shown(Peer, Ms(120)));
    }

    [Fact]
    public void Three_answers_to_one_claim_show_nothing()
    {
        ConflictWatch watch = new();

        Assert.False(watch.Shown(Peer, Ms(0)));
        Assert.False(watch.Shown(Peer, Ms(2)));
        Assert.False(watch.Shown(Peer, Ms(4)));
    }

    [Fact]
    public void What_was_seen_a_second_ago_is_forgotten()
    {
        ConflictWatch watch = new();
        watch.Shown(Peer, Ms(0));
        watch.Shown(Peer, Ms(60));

        Assert.False(watch.Shown(Peer, Ms(1100)));
    }
}
