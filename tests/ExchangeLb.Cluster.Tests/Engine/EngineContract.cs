using System;
using ExchangeLb.Cluster.Engine;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine;

/// <summary>What every adapter of <see cref="IClusterEngine"/> keeps, even with a single node.</summary>
public abstract class EngineContract
{
    private static readonly NodeId Node = new(1);

    protected abstract IEngineWorld NewWorld();

    [Fact]
    public void The_first_thing_heard_is_a_view_with_the_node_itself()
    {
        using IEngineWorld world = NewWorld();
        using IClusterEngine engine = world.Create(Node);
        Witness witness = new();

        engine.Start(witness);

        Assert.True(world.Until(() => witness.Views.Count > 0));
        Assert.Equal(Node, witness.Views[0].Self);
        Assert.Equal(witness.Views.Count, engine.Counters.ViewsTotal);
        witness.AssertNothingAgainstTheContract();
    }

    [Fact]
    public void A_broadcast_before_the_start_is_refused_and_counted()
    {
        using IEngineWorld world = NewWorld();
        using IClusterEngine engine = world.Create(Node);

        SendResult result = engine.Broadcast([1]);

        Assert.Equal(SendResult.NotJoined, result);
        Assert.Equal(new EngineCounters(0, 1, 0, 0), engine.Counters);
    }

    [Fact]
    public void The_largest_payload_is_accepted_and_one_byte_more_is_refused()
    {
        using IEngineWorld world = NewWorld();
        using IClusterEngine engine = Joined(world, out _);

        Assert.Equal(SendResult.Accepted, engine.Broadcast(new byte[engine.PayloadMaxBytes]));
        Assert.Equal(SendResult.TooLarge, engine.Broadcast(new byte[engine.PayloadMaxBytes + 1]));

        Assert.Equal(1, engine.Counters.SentTotal);
        Assert.Equal(1, engine.Counters.RefusedTotal);
    }

    [Fact]
    public void An_empty_payload_is_accepted()
    {
        using IEngineWorld world = NewWorld();
        using IClusterEngine engine = Joined(world, out _);

        Assert.Equal(SendResult.Accepted, engine.Broadcast([]));
    }

    [Fact]
    public void A_payload_of_sixteen_kilobytes_always_fits()
    {
        using IEngineWorld world = NewWorld();
        using IClusterEngine engine = world.Create(Node);

        Assert.True(engine.PayloadMaxBytes >= 16 * 1024);
    }

    [Fact]
    public void After_leaving_nothing_is_sent_and_nothing_is_heard()
    {
        using IEngineWorld world = NewWorld();
        IClusterEngine engine = Joined(world, out Witness witness);

        engine.Dispose();
        int heard = witness.HeardTotal;

        Assert.Equal(SendResult.NotJoined, engine.Broadcast([1]));
        world.Until(() => witness.HeardTotal > heard);
        Assert.Equal(heard, witness.HeardTotal);
    }

    [Fact]
    public void An_engine_is_started_once()
    {
        using IEngineWorld world = NewWorld();
        using IClusterEngine engine = Joined(world, out _);

        Assert.Throws<InvalidOperationException>(() => engine.Start(new Witness()));
    }

    [Fact]
    public void An_engine_that_has_left_is_not_started()
    {
        using IEngineWorld world = NewWorld();
        IClusterEngine engine = world.Create(Node);

        engine.Dispose();

        Assert.Throws<InvalidOperationException>(() => engine.Start(new Witness()));
    }

    [Fact]
    public void Leaving_twice_is_leaving_once()
    {
        using IEngineWorld world = NewWorld();
        IClusterEngine engine = Joined(world, out _);

        engine.Dispose();
        engine.Dispose();

        Assert.Equal(SendResult.NotJoined, engine.Broadcast([1]));
    }

    private static IClusterEngine Joined(IEngineWorld world, out Witness witness)
    {
        Witness heard = new();
        IClusterEngine engine = world.Create(Node);
        engine.Start(heard);
        Assert.True(world.Until(() => heard.View is not null));
        witness = heard;
        return engine;
    }
}
