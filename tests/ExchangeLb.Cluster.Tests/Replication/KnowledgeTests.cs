using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Replication.Knowing;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Replication;

public sealed class KnowledgeTests
{
    private static readonly NodeId Node = new(2);

    private readonly Knowledge _knowledge = new();

    [Fact]
    public void A_life_that_speaks_is_remembered_though_its_clock_was_set_back()
    {
        foreach (ulong earlier in new ulong[] { 100, 101, 102, 103 }) { _knowledge.Heard(Node, earlier, 1); }

        _knowledge.Heard(Node, 50, 1);
        bool lacks = _knowledge.Lacks(new KnownStream(Node, 104, 9, 9));
        _knowledge.Heard(Node, 50, 2);

        Assert.True(lacks);
        Assert.Contains(_knowledge.Streams(), stream => stream is { Incarnation: 50, Known: 2, Heard: 2 });
        Assert.False(_knowledge.IsBroken(Node, 50));
    }

    [Fact]
    public void Of_lives_that_others_tell_of_the_latest_are_remembered()
    {
        foreach (ulong life in new ulong[] { 104, 103, 102, 101 }) { _knowledge.Learned(new KnownStream(Node, life, 5, 5)); }

        Assert.False(_knowledge.Lacks(new KnownStream(Node, 100, 9, 9)));
        Assert.True(_knowledge.Lacks(new KnownStream(Node, 105, 9, 9)));

        Assert.Equal(new ulong[] { 102, 103, 104, 105 }, _knowledge.Streams().Select(stream => stream.Incarnation).Order());
    }
}
