using System;
using ExchangeLb.Cluster.Engine;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine;

public sealed class AloneTests : EngineContract
{
    protected override IEngineWorld NewWorld() => new World();

    [Fact]
    public void A_node_alone_has_all_the_votes_there_are()
    {
        Witness witness = new();
        using Alone engine = new(new NodeId(7));

        engine.Start(witness);

        Assert.True(witness.Sees(new NodeId(7)));
        Assert.Equal(QuorumVerdict.Quorate, witness.View!.Quorum);
    }

    [Fact]
    public void A_node_alone_hears_no_message()
    {
        Witness witness = new();
        using Alone engine = new(new NodeId(7));
        engine.Start(witness);

        engine.Broadcast([1, 2, 3]);

        Assert.Empty(witness.MessagesOf(new NodeId(7)));
        Assert.Equal(new EngineCounters(1, 0, 0, 1), engine.Counters);
    }

    /// <summary>All that happens has happened when a call returns.</summary>
    private sealed class World : IEngineWorld
    {
        public IClusterEngine Create(NodeId node) => new Alone(node);

        public bool Until(Func<bool> condition) => condition();

        public void Dispose()
        {
        }
    }
}
