using System;
using System.Linq;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Core.Tests.Balance;

public sealed class RoundRobinTests
{
    [Theory]
    [InlineData(BalanceKind.RoundRobin)]
    [InlineData(BalanceKind.StaticRoundRobin)]
    public void Equal_weights_alternate_strictly_beginning_with_the_first(BalanceKind kind)
    {
        Balancing two = new(kind, 1, 1);
        Balancing three = new(kind, 50, 50, 50);

        Assert.Equal("01010101", two.Sequence(8));
        Assert.Equal("012012012", three.Sequence(9));
    }

    [Theory]
    [InlineData(BalanceKind.RoundRobin, 1, 2, 3)]
    [InlineData(BalanceKind.RoundRobin, 5, 1, 0)]
    [InlineData(BalanceKind.RoundRobin, 256, 1, 0)]
    [InlineData(BalanceKind.RoundRobin, 10, 1, 5)]
    [InlineData(BalanceKind.StaticRoundRobin, 1, 2, 3)]
    [InlineData(BalanceKind.StaticRoundRobin, 256, 1, 0)]
    public void Each_cycle_gives_each_server_as_many_turns_as_its_weight(BalanceKind kind, int first, int second, int third)
    {
        int[] weights = [first, second, third];
        Balancing balancing = new(kind, weights);

        for (int cycle = 0; cycle < 3; cycle++)
        {
            string turns = balancing.Sequence(weights.Sum());
            int[] counts = [.. "012".Select(server => turns.Count(turn => turn == server))];
            Assert.Equal(weights, counts);
        }
    }

    /// <summary>Recorded from HAProxy 2.6.12 with these weights; the last set has its last server disabled.</summary>
    [Theory]
    [InlineData("021212021212", 1, 2, 3)]
    [InlineData("0103203023002302300302301032030230023023003023", 10, 1, 5, 7)]
    [InlineData("000001000001", 5, 1)]
    [InlineData("0020200202", 3, 0, 2, 0)]
    [InlineData("021212021212", 2, 4, 6)]
    public void Static_turns_come_in_the_very_order_of_haproxy(string recorded, params int[] weights)
    {
        Balancing balancing = new(BalanceKind.StaticRoundRobin, weights);

        string sequence = balancing.Sequence(recorded.Length);

        Assert.Equal(recorded, sequence);
    }

    [Theory]
    [InlineData(BalanceKind.RoundRobin)]
    [InlineData(BalanceKind.StaticRoundRobin)]
    public void A_full_server_is_passed_over_and_gets_no_burst_when_it_is_free_again(BalanceKind kind)
    {
        Balancing balancing = new(kind, 1, 1, 1);
        balancing.Servers[1].MaxConn = 1;
        balancing.Servers[1].Served = 1;

        string whileFull = balancing.Sequence(20);
        balancing.Servers[1].Served = 0;
        string afterwards = balancing.Sequence(6);

        Assert.DoesNotContain('1', whileFull);
        Assert.Equal(2, afterwards.Count(turn => turn == '1'));
        Assert.DoesNotContain("11", afterwards, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BalanceKind.RoundRobin)]
    [InlineData(BalanceKind.StaticRoundRobin)]
    public void A_redispatch_avoids_the_server_that_failed_unless_there_is_no_other(BalanceKind kind)
    {
        Balancing balancing = new(kind, 1, 1);

        int[] others = [.. Enumerable.Range(0, 4).Select(_ => balancing.Choose(avoid: 0))];
        balancing.SetWeight(1, 0);
        int only = balancing.Choose(avoid: 0);

        Assert.Equal([1, 1, 1, 1], others);
        Assert.Equal(0, only);
    }

    [Theory]
    [InlineData(BalanceKind.RoundRobin)]
    [InlineData(BalanceKind.StaticRoundRobin)]
    [InlineData(BalanceKind.LeastConn)]
    [InlineData(BalanceKind.First)]
    [InlineData(BalanceKind.Source)]
    public void There_is_no_choice_when_no_server_has_weight(BalanceKind kind)
    {
        Balancing balancing = new(kind, 0, 0);

        Assert.Equal(BalanceAlgorithm.None, balancing.Choose());
        Assert.Equal(BalanceAlgorithm.None, balancing.Choose(avoid: 1));
    }

    [Fact]
    public void A_server_that_comes_back_takes_its_turns_without_a_burst()
    {
        Balancing balancing = new(BalanceKind.RoundRobin, 256, 256, 256);
        balancing.SetWeight(2, 0);
        balancing.Sequence(31);

        balancing.SetWeight(2, 256);
        string sequence = balancing.Sequence(30);

        Assert.DoesNotContain("22", sequence, StringComparison.Ordinal);
        Assert.Equal(10, sequence.Count(turn => turn == '2'));
    }

    [Fact]
    public void A_server_that_flaps_does_not_starve_the_last_one()
    {
        Balancing balancing = new(BalanceKind.RoundRobin, 1, 1, 1);
        int[] turns = new int[3];

        for (int i = 0; i < 300; i++)
        {
            balancing.SetWeight(1, i % 2);
            turns[balancing.Choose()]++;
        }

        Assert.True(turns[2] >= 90, $"turns: {string.Join(' ', turns)}");
    }

    /// <summary>Within any stretch of choices a server's share is off by less than one turn of each other server.</summary>
    [Property]
    public bool Turns_are_spread_evenly_whatever_happens_to_the_weights(byte[] weights, byte[] changes)
    {
        int[] usable = [.. weights.Take(6).Select(weight => weight % 8), 3, 2];
        Balancing balancing = new(BalanceKind.RoundRobin, usable);
        foreach (byte change in changes)
        {
            balancing.Choose();
            balancing.SetWeight(change % usable.Length, change / usable.Length % 9);
        }
        balancing.SetWeight(usable.Length - 1, 2);

        int total = balancing.Servers.Sum(server => server.Weight);
        int[] turns = new int[usable.Length];
        for (int i = 0; i < total * 4; i++)
        {
            turns[balancing.Choose()]++;
        }

        return Enumerable.Range(0, usable.Length).All(i => Math.Abs(turns[i] - (4 * balancing.Servers[i].Weight)) <= usable.Length);
    }
}
