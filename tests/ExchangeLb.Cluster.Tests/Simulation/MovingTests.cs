using System;
using System.Linq;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Cluster.Tests.Simulation.Sessions;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>Sessions that move along with their VIP; under faults they are part of <see cref="SimulationTests"/>.</summary>
public sealed class MovingTests
{
    [Theory]
    [InlineData(2, 60)]
    [InlineData(2, 400)]
    [InlineData(3, 600)]
    public void Where_nothing_is_broken_every_session_goes_along_or_stays(int nodes, int leaseMs)
    {
        int moved = 0;
        int kept = 0;
        int ahead = 0;
        for (int seed = 1; seed <= 30; seed++)
        {
            SessionStory sessions = new();
            SimulatedWorld world = new(seed, SimulationPlan.Plain(nodes, WireNoise.Ms(leaseMs)), parts: [sessions]);
            Faults faults = new(world);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(3));
            for (int round = 0; round < 10; round++)
            {
                faults.HandOver(world.Nodes[0]);
                world.Run(TimeSpan.FromSeconds(6)); // longer than a hand-over that finds no taker may take
            }

            Assert.Null(world.Violation);
            Assert.Equal(0, sessions.NowhereTotal);
            (moved, kept, ahead) = (moved + sessions.Tally.Moved, kept + sessions.Tally.MovesKept, ahead + sessions.Tally.AsTold);
        }
        Assert.True(moved > 500 && ahead > 200 && ahead < moved, $"{moved} moved, {ahead} of them as they were told ahead, {kept} moves were given up");
    }

    [Fact]
    public void A_node_that_is_told_to_leave_takes_no_session_with_it()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            SessionStory sessions = new();
            SimulatedWorld world = new(seed, SimulationPlan.Plain(2, WireNoise.Ms(400)), parts: [sessions]);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(3));
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            owner.Process!.Leave();
            world.Run(TimeSpan.FromSeconds(6));

            Assert.Null(world.Violation);
            Assert.Null(owner.Process);
            Assert.True(sessions.Tally.MovesKept > 0 || (sessions.Tally.Moved > 0 && sessions.NowhereTotal == 0));
        }
    }

    [Theory]
    [InlineData(nameof(Mutation.None), false)]
    [InlineData(nameof(Mutation.None), true)]
    [InlineData(nameof(Mutation.FreezeIsUnconditional), false)]
    [InlineData(nameof(Mutation.FreezeIsUnconditional), true)]
    public void A_freeze_that_ended_or_was_flushed_before_the_release_leaves_the_sessions_with_their_owner(string mutation, bool flushed)
    {
        Mutation broken = Enum.Parse<Mutation>(mutation);
        SessionStory sessions = new();
        SimulatedWorld world = new(1, SimulationPlan.Plain(2, TimeSpan.FromSeconds(10)), broken, [sessions]);
        world.StartAll();
        for (int i = 0; i < 30; i++)
        {
            world.Judge.Disturbed();   // with such a lease nobody serves for longer than it bears otherwise
            world.Run(TimeSpan.FromSeconds(1));
        }
        SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
        SimulatedNode target = world.Nodes.Single(node => node != owner);
        owner.Process!.Do(process => process.Ownership.HandOver(0, null, out _));
        for (int i = 0; i < 1000 && !SessionStory.At(target)!.Moving.HasAdopted; i++) { world.Run(WireNoise.Ms(0.05)); }
        Assert.True(SessionStory.At(target)!.Moving.HasAdopted);

        world.Judge.Disturbed();
        if (flushed) { owner.Kernel.Thaw(0); }
        else { owner.Process.Stop(TimeSpan.FromSeconds(2.3)); }
        world.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(broken != Mutation.None, world.Violation?.Contains("whose packets passed", StringComparison.Ordinal) == true);
        if (broken == Mutation.None)
        {
            Assert.Null(world.Violation);
            Assert.True(owner.Kernel.Accepts(0));
            Assert.Equal((0, 0), (sessions.Tally.Moved, sessions.NowhereTotal));
        }
    }

    [Fact]
    public void A_session_that_runs_as_it_was_told_ahead_though_it_went_on_is_found()
    {
        string? found = Enumerable.Range(1, 100).Select(AfterHandOvers).FirstOrDefault(violation => violation is not null);

        Assert.Contains(" runs a session ", found, StringComparison.Ordinal);

        static string? AfterHandOvers(int seed)
        {
            SimulatedWorld world = new(seed, SimulationPlan.Plain(2, WireNoise.Ms(400)), Mutation.WhatWasToldIsTrue, [new SessionStory()]);
            Faults faults = new(world);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(3));
            for (int round = 0; round < 10 && world.Violation is null; round++)
            {
                faults.HandOver(world.Nodes[0]);
                world.Run(TimeSpan.FromSeconds(6));
            }
            return world.Violation;
        }
    }

    [Theory]
    [InlineData(nameof(Mutation.None))]
    [InlineData(nameof(Mutation.EndIsGo))]
    public void An_owner_that_stands_still_before_it_lets_go_keeps_others_from_running_its_sessions(string mutation)
    {
        Mutation broken = Enum.Parse<Mutation>(mutation);
        string?[] wrong = [.. Enumerable.Range(1, 10).Select(seed => AfterStandstill(seed, broken))];

        Assert.Equal(broken == Mutation.EndIsGo, Array.Exists(wrong, violation => violation?.Contains("runs a session that is Frozen", StringComparison.Ordinal) == true));
        Assert.Equal(broken == Mutation.None, Array.TrueForAll(wrong, violation => violation is null));

        static string? AfterStandstill(int seed, Mutation broken)
        {
            SimulatedWorld world = new(seed, SimulationPlan.Plain(2, WireNoise.Ms(400)), broken, [new SessionStory()]);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(3));
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            SimulatedNode target = world.Nodes.Single(node => node != owner);
            owner.Process!.Do(process => process.Ownership.HandOver(0, null, out _));
            for (int i = 0; i < 1000 && !SessionStory.At(target)!.Moving.HasAdopted; i++) { world.Run(WireNoise.Ms(0.05)); }

            world.Judge.Disturbed();
            owner.Process.Stop(TimeSpan.FromSeconds(5));
            world.Run(TimeSpan.FromSeconds(4));

            Assert.True(world.Violation is not null || target.Kernel.Accepts(0), $"seed {seed}");
            world.Run(TimeSpan.FromSeconds(10));
            return world.Violation;
        }
    }
}
