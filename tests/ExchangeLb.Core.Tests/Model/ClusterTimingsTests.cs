using System;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Model;

public sealed class ClusterTimingsTests
{
    [Fact]
    public void The_default_lease_gives_the_measured_token_and_consensus()
    {
        ClusterTimings timings = ClusterTimings.Default;

        Assert.Equal(TimeSpan.FromMilliseconds(203), timings.Token);
        Assert.Equal(TimeSpan.FromMilliseconds(82), timings.Consensus);
        Assert.False(timings.Fast);
    }

    [Theory]
    [InlineData(60, 2, true)]
    [InlineData(300, 2, true)]
    [InlineData(400, 2, false)]
    [InlineData(400, 3, true)]
    [InlineData(600, 3, false)]
    [InlineData(1000, 2, false)]
    [InlineData(10000, 5, false)]
    public void A_lease_is_fast_when_it_ends_before_a_death_is_known(int leaseMs, int nodes, bool fast)
    {
        ClusterTimings timings = ClusterTimings.For(TimeSpan.FromMilliseconds(leaseMs), nodes);

        Assert.Equal(fast, timings.Fast);
        Assert.True(timings.Token >= TimeSpan.FromMilliseconds(200));
        Assert.True(nodes == 2 || timings.Consensus >= timings.Token * 1.2);
    }

    [Fact]
    public void A_promise_outlives_the_lease_that_it_allows()
    {
        ClusterTimings timings = ClusterTimings.For(TimeSpan.FromMilliseconds(60), 2);

        Assert.Equal(TimeSpan.FromMilliseconds(66.6), timings.Promise);
        Assert.Equal(TimeSpan.FromMilliseconds(7.5), timings.Renewal);
    }
}
