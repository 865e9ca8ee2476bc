using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Core.Health;
using ExchangeLb.Core.Model;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Health;

public sealed class CheckScheduleTests
{
    private static readonly ServerModel TheServer = new(1, "s", IPAddress.Loopback, default)
    {
        Rise = 3,
        Fall = 4,
        Inter = TimeSpan.FromMilliseconds(600),
        FastInter = TimeSpan.FromMilliseconds(200),
        DownInter = TimeSpan.FromSeconds(1),
    };

    /// <summary>The gaps that HAProxy 2.6.12 left after each of these results.</summary>
    [Fact]
    public void Checks_are_quick_in_doubt_and_slow_when_down()
    {
        ServerHealthState health = new(TheServer);
        List<int> gaps = [CheckSchedule.IntervalMs(TheServer, health)];

        foreach (char result in "+----+++")
        {
            health.Observe(result == '+');
            gaps.Add(CheckSchedule.IntervalMs(TheServer, health));
        }

        Assert.Equal([200, 600, 200, 200, 200, 1000, 200, 200, 600], gaps);
    }

    [Fact]
    public void Without_fastinter_and_downinter_every_gap_is_inter()
    {
        ServerModel server = TheServer with { FastInter = null, DownInter = null };
        ServerHealthState health = new(server);

        Assert.Equal(600, CheckSchedule.IntervalMs(server, health));
        health.Observe(false);
        Assert.Equal(600, CheckSchedule.IntervalMs(server, health));
    }

    /// <summary>The start times that HAProxy 2.6.12 chose for these six servers.</summary>
    [Fact]
    public void First_checks_are_spread_over_the_shortest_interval_above_a_second()
    {
        ServerModel[] servers =
        [
            TheServer,
            Server(3000),
            Server(2000),
            Server(500),
            Server(3000) with { FastInter = TimeSpan.FromMilliseconds(1500) },
            Server(3000) with { Fall = 1 },
        ];
        int[] starts = new int[6];

        CheckSchedule.FillStartTimes(servers, starts);

        Assert.Equal([0, 500, 666, 750, 1000, 2500], starts);
    }

    [Fact]
    public void Quick_servers_alone_are_spread_over_their_own_intervals()
    {
        int[] starts = new int[2];

        CheckSchedule.FillStartTimes([Server(400), Server(800)], starts);

        Assert.Equal([0, 400], starts);
    }

    [Theory]
    [InlineData(0, 0.0, 600)]
    [InlineData(0, 0.9, 600)]
    [InlineData(50, 0.0, 900)]
    [InlineData(50, 0.5, 600)]
    [InlineData(50, 0.999999, 301)]
    public void Spreading_varies_the_interval_both_ways(int percent, double random, int expected)
    {
        ServerHealthState sure = new(TheServer);
        sure.ForceUp();

        Assert.Equal(expected, CheckSchedule.NextIntervalMs(TheServer, sure, percent, random));
    }

    [Property]
    public bool No_interval_is_less_than_half_or_more_than_half_as_long_again(byte percent, byte random)
    {
        ServerHealthState sure = new(TheServer);
        sure.ForceUp();
        int next = CheckSchedule.NextIntervalMs(TheServer, sure, percent % 51, random / 256.0);
        return next is >= 300 and <= 900;
    }

    [Theory]
    [InlineData(null, null, 600, 0)]
    [InlineData(null, 100, 600, 0)]
    [InlineData(5000, 100, 100, 5000)]
    [InlineData(5000, 700, 600, 5000)]
    [InlineData(5000, null, 600, 5000)]
    public void Timeout_check_bounds_the_answer_and_lets_timeout_connect_bound_the_connection(int? check, int? connect, int toConnect, int toAnswer)
    {
        BackendModel backend = new(1, "b") { CheckTimeout = Ms(check), ConnectTimeout = Ms(connect) };

        Assert.Equal(toConnect, CheckSchedule.ConnectTimeoutMs(TheServer, backend));
        Assert.Equal(toAnswer, CheckSchedule.AnswerTimeoutMs(backend));
    }

    private static TimeSpan? Ms(int? ms) => ms is { } value ? TimeSpan.FromMilliseconds(value) : null;

    private static ServerModel Server(int interMs) =>
        new(1, "s", IPAddress.Loopback, default) { Inter = TimeSpan.FromMilliseconds(interMs) };
}
