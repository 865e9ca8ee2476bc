using System;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Core.Tests.Balance;

public sealed class ChoiceTests
{
    [Theory]
    [InlineData(BalanceKind.RoundRobin, true)]
    [InlineData(BalanceKind.StaticRoundRobin, true)]
    [InlineData(BalanceKind.LeastConn, false)]
    [InlineData(BalanceKind.First, false)]
    [InlineData(BalanceKind.Source, false)]
    public void Choosing_does_not_allocate(BalanceKind kind, bool roundRobin)
    {
        BalanceAlgorithm algorithm = BalanceAlgorithm.Create(new BackendModel(1, "b")
        {
            Balance = kind,
            Servers = [new(1, "a", System.Net.IPAddress.Loopback, default), new(2, "b", System.Net.IPAddress.Loopback, default)],
        });
        ServerLoad[] servers = [new() { Weight = 3 }, new() { Weight = 2 }];
        algorithm.Reset(servers);
        UInt128 client = 0;

        Allocation.AssertNone(() => algorithm.Choose(servers, ++client, BalanceAlgorithm.None));
        Assert.Equal(roundRobin, algorithm.IsRoundRobin);
    }
}
