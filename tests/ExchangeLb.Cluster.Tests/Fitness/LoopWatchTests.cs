using System;
using ExchangeLb.Cluster.Fitness;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Fitness;

public sealed class LoopWatchTests
{
    private readonly LoopWatch _watch = new(TimeSpan.FromMilliseconds(200));

    [Fact]
    public void Loops_that_turn_are_alive()
    {
        for (int ms = 0; ms < 5000; ms += 50)
        {
            Assert.True(_watch.Observe(turned: true, TimeSpan.FromMilliseconds(ms)));
        }
    }

    [Fact]
    public void A_loop_that_does_not_turn_for_the_limit_hangs()
    {
        _watch.Observe(true, TimeSpan.Zero);

        Assert.True(_watch.Observe(false, TimeSpan.FromMilliseconds(50)));
        Assert.True(_watch.Observe(false, TimeSpan.FromMilliseconds(150)));
        Assert.False(_watch.Observe(false, TimeSpan.FromMilliseconds(200)));
        Assert.True(_watch.Observe(true, TimeSpan.FromMilliseconds(250)));
    }

    [Fact]
    public void A_pause_of_the_watcher_is_not_held_against_the_loops()
    {
        _watch.Observe(true, TimeSpan.Zero);

        Assert.True(_watch.Observe(false, TimeSpan.FromSeconds(5)));
        Assert.False(_watch.Observe(false, TimeSpan.FromSeconds(10)));
    }
}
