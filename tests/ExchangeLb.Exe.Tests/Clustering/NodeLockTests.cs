using System;
using ExchangeLb.Clustering;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class NodeLockTests
{
    private readonly string _name = $"exchangelb-test-{Guid.NewGuid():N}";

    [Fact]
    public void A_host_is_one_node_and_a_second_one_is_told_which_process_is_in_its_way()
    {
        using NodeLock? first = NodeLock.Take(out string none, _name);

        NodeLock? second = NodeLock.Take(out string problem, _name);

        Assert.NotNull(first);
        Assert.Equal("", none);
        Assert.Null(second);
        Assert.StartsWith($"a node runs on this host already, process {Environment.ProcessId} (", problem, StringComparison.Ordinal);
        Assert.Contains("): a host is one node; stop that one first", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_of_many_that_are_refused_is_told()
    {
        using NodeLock? first = NodeLock.Take(out _, _name);

        for (int i = 0; i < 10; i++)
        {
            Assert.Null(NodeLock.Take(out string problem, _name)); // nobody takes the questions out of the queue
            Assert.StartsWith("a node runs on this host already", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void When_the_first_has_gone_the_next_may_come()
    {
        NodeLock.Take(out _, _name)!.Dispose();

        using NodeLock? next = NodeLock.Take(out _, _name);

        Assert.NotNull(next);
    }
}
