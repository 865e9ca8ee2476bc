using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Core.Model;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Engine.Corosync;

/// <summary>What the contract does not ask of every engine: Corosync's death, its silence, guards, strangers.</summary>
[Collection(nameof(NamespaceTrio))]
[Trait("needs", "root")]
public sealed class CorosyncEngineTests : IDisposable
{
    private static readonly NodeId A = new(1);
    private static readonly NodeId B = new(2);
    private static readonly NodeId C = new(3);

    private readonly NamespaceTrio _trio;
    private readonly CorosyncWorld _world;

    public CorosyncEngineTests(NamespaceTrio trio)
    {
        CorosyncNamespaces.Require();
        _trio = trio;
        _world = new CorosyncWorld(trio);
    }

    [Fact]
    public void When_its_Corosync_dies_a_node_knows_nothing_of_the_others_and_takes_nobody_for_dead()
    {
        (Listener[] heard, CorosyncEngine[] engines) = Together();
        int before = heard[0].Views.Count;

        _trio.SignalCorosync("KILL", A);

        Assert.True(_world.Until(() => heard[0].Views.Count > before));
        ClusterView lost = heard[0].Views[before].View;
        Assert.Equal((QuorumVerdict.Pending, true), (lost.Quorum, lost.Members.SequenceEqual([A])));
        Assert.True(_world.Until(() => heard[0].Sees(QuorumVerdict.Quorate, A, B, C)));
        Assert.All(heard[0].Views.Skip(before).Where(entry => entry.View.Members.Length == 1), entry => Assert.Equal(QuorumVerdict.Pending, entry.View.Quorum));
        Assert.Equal(1, engines[0].Counters.RestartsTotal);
    }

    [Fact]
    public void Without_a_Corosync_nothing_is_sent()
    {
        (Listener[] heard, CorosyncEngine[] engines) = Together();

        _trio.SignalCorosync("KILL", A);

        Assert.True(_world.Until(() => heard[0].Sees(QuorumVerdict.Pending, A)));
        Assert.False(engines[0].Connected);
        Assert.Equal(SendResult.NotJoined, engines[0].Broadcast([1]));
        Assert.True(_world.Until(() => engines[0].Broadcast(BitConverter.GetBytes(7)) == SendResult.Accepted));
    }

    [Fact]
    public void Leaving_does_not_wait_for_a_Corosync_that_is_stopped()
    {
        (_, CorosyncEngine[] engines) = Together();

        _trio.SignalCorosync("STOP", A);
        long start = Stopwatch.GetTimestamp();
        engines[0].Dispose();
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        _trio.SignalCorosync("CONT", A);

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Two_threads_that_send_at_once_lose_nothing()
    {
        (Listener[] heard, CorosyncEngine[] engines) = Together();
        const int Each = 5000;

        await Task.WhenAll(Task.Run(() => Send(engines[0], 0, Each)), Task.Run(() => Send(engines[0], Each, Each)));

        Assert.True(_world.Until(() => heard[1].Messages.Count == 2 * Each && heard[2].Messages.Count == 2 * Each), $"{heard[1].Messages.Count} came");
        Assert.Equal(Enumerable.Range(0, 2 * Each), heard[1].Messages.Select(message => message.Number).Order());
    }

    [Fact]
    public void A_guard_is_heard_in_its_nodes_name_after_the_balancer_has_gone()
    {
        (Listener[] heard, CorosyncEngine[] engines) = Together();
        engines[1].Dispose();
        Assert.True(_world.Until(() => heard[0].Sees(QuorumVerdict.Quorate, A, C) && heard[2].Sees(QuorumVerdict.Quorate, A, C)));
        using CorosyncGuardSender guard = new(_trio.Options(_world.Model, B));
        guard.Start();
        Assert.True(_world.Until(() => guard.Connected));

        Assert.Equal(SendResult.Accepted, guard.Broadcast(BitConverter.GetBytes(42)));

        Assert.True(_world.Until(() => heard[0].Messages.Contains((B, 42)) && heard[2].Messages.Contains((B, 42))));
        Assert.True(heard[0].Sees(QuorumVerdict.Quorate, A, C));
    }

    [Fact]
    public void What_a_guard_said_last_is_heard_though_it_ends_at_once()
    {
        (Listener[] heard, _) = Together(A, C);
        CorosyncGuardSender guard = new(_trio.Options(_world.Model, B));
        guard.Start();
        Assert.True(_world.Until(() => guard.Connected));

        for (int number = 0; number < 100; number++) { Assert.Equal(SendResult.Accepted, guard.Broadcast(BitConverter.GetBytes(number))); }
        guard.Dispose();

        Assert.True(_world.Until(() => heard[0].Messages.Count == 100));
        Assert.Equal(SendResult.NotJoined, guard.Broadcast([1]));
    }

    [Fact]
    public void A_guard_speaks_again_after_Corosync_has_died()
    {
        (Listener[] heard, _) = Together(A, C);
        using CorosyncGuardSender guard = new(_trio.Options(_world.Model, B));
        guard.Start();
        Assert.True(_world.Until(() => guard.Connected));

        _trio.SignalCorosync("KILL", B);

        Assert.True(_world.Until(() => !guard.Connected));
        Assert.True(_world.Until(() =>
        {
            guard.Broadcast(BitConverter.GetBytes(9));
            return heard[0].Messages.Contains((B, 9));
        }));
    }

    [Fact]
    public void A_node_that_is_not_configured_is_neither_seen_nor_heard_but_counted()
    {
        Listener heard = new();
        ClusterModel withoutC = _world.Model with { Nodes = _world.Model.Nodes.RemoveAt(2) };
        CorosyncEngine engine = _world.Create(A, withoutC);
        engine.Start(heard);
        CorosyncEngine stranger = _world.Start(C, new Listener());
        Listener friendHeard = new();
        CorosyncEngine friend = _world.Create(B, withoutC);
        friend.Start(friendHeard);
        Assert.True(_world.Until(() => heard.Sees(QuorumVerdict.Quorate, A, B) && stranger.Connected));

        Send(stranger, 1, 1);
        Send(friend, 2, 1);

        Assert.True(_world.Until(() => engine.Counters.RejectedTotal == 1 && heard.Messages.Count > 0));
        Assert.Equal((B, 2), Assert.Single(heard.Messages));
    }

    [Fact]
    public void The_Corosync_of_another_node_is_not_joined()
    {
        CorosyncOptions wrong = _trio.Options(_world.Model, A) with { Self = B };
        Listener heard = new();
        using CorosyncEngine engine = new(wrong);

        engine.Start(heard);

        Assert.True(_world.Until(() => _trio.Notes.Any(note => note.Contains("is node 1, this is node 2", StringComparison.Ordinal))));
        Assert.Empty(heard.Views);
        Assert.Equal(SendResult.NotJoined, engine.Broadcast([1]));
    }

    public void Dispose() => _world.Dispose();

    /// <summary>Engines of these nodes, all of them when none is named. A guard is a process of its own: in this one it has room where no engine is.</summary>
    private (Listener[] Heard, CorosyncEngine[] Engines) Together(params NodeId[] nodes)
    {
        if (nodes.Length == 0) { nodes = [A, B, C]; }
        Listener[] heard = [.. nodes.Select(_ => new Listener())];
        CorosyncEngine[] engines = [.. nodes.Select((node, index) => _world.Start(node, heard[index]))];
        Assert.True(_world.Until(() => heard.All(listener => listener.Sees(QuorumVerdict.Quorate, nodes))), "not all nodes came together");
        return (heard, engines);
    }

    private static void Send(CorosyncEngine engine, int first, int count)
    {
        foreach (int number in Enumerable.Range(first, count))
        {
            Assert.True(SpinWait.SpinUntil(() => engine.Broadcast(BitConverter.GetBytes(number)) == SendResult.Accepted, TimeSpan.FromSeconds(5)));
        }
    }
}
