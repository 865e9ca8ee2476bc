using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Balance;

public sealed class LeastConnTests
{
    /// <summary>Recorded from HAProxy 2.6.12: connections that all stay open, with these weights.</summary>
    [Theory]
    [InlineData("010101010101010101010101010101010101", 1, 1)]
    [InlineData("012212212012212012212012212012212012", 1, 2, 3)]
    [InlineData("012303020303200320302300320302030320", 10, 1, 5, 7)]
    [InlineData("010000000000000000000000000000000000", 256, 1)]
    [InlineData("010000000010000010000010000010000010", 5, 1)]
    [InlineData("020200202002020020200202002020020200", 3, 0, 2, 0)]
    [InlineData("012212212012212012212012212012212012", 2, 4, 6)]
    public void Connections_that_stay_open_are_spread_as_haproxy_spreads_them(string recorded, params int[] weights)
    {
        Balancing balancing = new(BalanceKind.LeastConn, weights);

        string sequence = balancing.SequenceHeld(recorded.Length);

        Assert.Equal(recorded, sequence);
    }

    [Fact]
    public void Idle_servers_take_turns()
    {
        Balancing balancing = new(BalanceKind.LeastConn, 1, 1, 1);

        Assert.Equal("012012012", balancing.Sequence(9));
    }

    [Fact]
    public void Sessions_that_wait_for_a_server_count_like_open_ones()
    {
        Balancing balancing = new(BalanceKind.LeastConn, 1, 1);
        balancing.Servers[0].Served = 1;
        balancing.Servers[0].Queued = 4;
        balancing.Servers[1].Served = 3;

        Assert.Equal(1, balancing.Choose());
    }

    [Fact]
    public void A_full_server_is_passed_over_however_idle_it_is()
    {
        Balancing balancing = new(BalanceKind.LeastConn, 1, 1);
        balancing.Servers[0].MaxConn = 1;
        balancing.Servers[0].Served = 1;
        balancing.Servers[1].Served = 100;

        int other = balancing.Choose();
        balancing.Servers[1].MaxConn = 100;
        int none = balancing.Choose();

        Assert.Equal(1, other);
        Assert.Equal(BalanceAlgorithm.None, none);
    }

    [Fact]
    public void A_redispatch_takes_a_busier_server_rather_than_the_one_that_failed()
    {
        Balancing balancing = new(BalanceKind.LeastConn, 1, 1);
        balancing.Servers[1].Served = 10;

        Assert.Equal(1, balancing.Choose(avoid: 0));
        balancing.SetWeight(1, 0);
        Assert.Equal(0, balancing.Choose(avoid: 0));
    }
}
