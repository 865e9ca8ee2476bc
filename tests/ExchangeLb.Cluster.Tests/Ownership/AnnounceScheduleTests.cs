using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Ownership;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Ownership;

public sealed class AnnounceScheduleTests
{
    [Fact]
    public void It_announces_at_once_then_four_times_within_two_seconds_then_every_ten()
    {
        AnnounceSchedule schedule = new();
        schedule.Start(TimeSpan.FromSeconds(5));
        List<double> at = [];

        for (int round = 0; round < 7; round++)
        {
            at.Add((schedule.Due - TimeSpan.FromSeconds(5)).TotalMilliseconds);
            schedule.Announced(schedule.Due);
        }

        Assert.Equal([0, 100, 500, 1000, 2000, 12_000, 22_000], at);
    }

    [Fact]
    public void It_is_silent_once_stopped()
    {
        AnnounceSchedule schedule = new();
        schedule.Start(TimeSpan.Zero);

        schedule.Stop();

        Assert.Equal(TimeSpan.MaxValue, schedule.Due);
    }
}
