using System;
using System.Net;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Balance;

public sealed class FirstAvailableTests
{
    [Fact]
    public void A_server_is_filled_before_the_next_one_is_used()
    {
        Balancing balancing = new(BalanceKind.First, 1, 100, 1);
        balancing.Servers[0].MaxConn = 2;
        balancing.Servers[1].MaxConn = 3;
        balancing.Servers[2].MaxConn = 1;

        string sequence = balancing.SequenceHeld(6);
        int none = balancing.Choose();

        Assert.Equal("001112", sequence);
        Assert.Equal(BalanceAlgorithm.None, none);
    }

    [Fact]
    public void The_order_is_that_of_the_ids()
    {
        BackendModel backend = new(1, "b")
        {
            Balance = BalanceKind.First,
            Servers = [new(30, "x", IPAddress.Loopback, default), new(10, "y", IPAddress.Loopback, default)],
        };
        BalanceAlgorithm first = BalanceAlgorithm.Create(backend);
        ServerLoad[] loads = [new() { Weight = 1 }, new() { Weight = 1 }];

        Assert.Equal(1, first.Choose(loads, UInt128.Zero, BalanceAlgorithm.None));
        Assert.Equal(0, first.Choose(loads, UInt128.Zero, avoid: 1));
    }
}
