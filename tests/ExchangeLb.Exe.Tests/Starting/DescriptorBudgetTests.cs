using System.Net;
using ExchangeLb.Core.Model;
using ExchangeLb.Starting;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Exe.Tests.Starting;

public sealed class DescriptorBudgetTests
{
    [Property]
    public bool What_fits_into_a_limit_is_never_more_than_the_limit(ushort fixedCount, uint limit)
    {
        DescriptorBudget budget = new(fixedCount);
        int connections = budget.Connections(limit);
        return connections == 1 || (budget.Needed(connections) <= limit && budget.Needed(connections + 1) > limit);
    }

    [Fact]
    public void Unlimited_descriptors_are_not_more_connections_than_a_number_can_tell() =>
        Assert.Equal(int.MaxValue, new DescriptorBudget(0).Connections(long.MaxValue));

    [Fact]
    public void Listeners_count_once_a_thread_and_checked_servers_once()
    {
        SourcePlace place = new("x.cfg", 1);
        FrontendModel frontend = new(1, "l") { Binds = [new(place), new(place)] };
        BackendModel backend = new(1, "l")
        {
            Servers = [new(1, "a", IPAddress.Loopback, place) { Check = true }, new(2, "b", IPAddress.Loopback, place)],
        };
        LoadBalancerModel model = new(new(), [new(1, "l", ProxyKind.Listen, frontend, backend, place)]);
        LoadBalancerModel empty = new(new(), []);

        long more = DescriptorBudget.For(model, 3, 10).Needed(0) - DescriptorBudget.For(empty, 3, 10).Needed(0);

        Assert.Equal((2 * 3) + 1, more);
    }
}
