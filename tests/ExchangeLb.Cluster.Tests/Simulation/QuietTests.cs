using System;
using System.Linq;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Cluster.Tests.Simulation.Sessions;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>Quiet sessions that outlive their owner; under faults they are part of <see cref="SimulationTests"/>.</summary>
public sealed class QuietTests
{
    [Theory]
    [InlineData(2, 60)]
    [InlineData(2, 400)]
    [InlineData(3, 600)]
    public void Quiet_sessions_go_on_after_a_crash_and_after_the_next_one_and_all_others_are_reset(int nodes, int leaseMs)
    {
        int quiet = 0;
        int continued = 0;
        for (int seed = 1; seed <= 30; seed++)
        {
            SessionStory sessions = new();
            SimulatedWorld world = new(seed, SimulationPlan.Plain(nodes, WireNoise.Ms(leaseMs)), parts: [sessions]);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(4));
            for (int crash = 0; crash < 4; crash++)
            {
                SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
                quiet += SessionStory.QuietAt(owner);
                int all = SessionStory.CountAt(owner);
                (int continuedBefore, int resetBefore) = (sessions.Tally.Continued, sessions.Tally.Reset);
                world.Judge.Disturbed();
                owner.Crash();
                world.Run(TimeSpan.FromSeconds(4));
                world.Judge.Disturbed();
                owner.PowerOn();
                world.Run(TimeSpan.FromSeconds(4));

                Assert.Null(world.Violation);
                Assert.InRange(sessions.Tally.Continued - continuedBefore + sessions.Tally.Reset - resetBefore, 0, all);
            }
            continued += sessions.Tally.Continued;
        }
        Assert.True(continued > quiet * 8 / 10, $"{continued} of {quiet} quiet sessions went on");
        Assert.True(continued > 300);
    }

    /// <summary>Two records of it are somewhere then, one of them old, and its sockets have been on two nodes.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_session_that_was_recorded_and_moved_goes_on_after_a_crash_where_it_stands_then(int nodes)
    {
        SessionTally tally = new();
        for (int seed = 1; seed <= 30; seed++)
        {
            SessionStory sessions = new();
            SimulatedWorld world = new(seed, SimulationPlan.Plain(nodes, WireNoise.Ms(400)), parts: [sessions]);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(3));
            new Faults(world).HandOver(world.Nodes[0]);
            world.Run(WireNoise.Ms(200 + (40 * seed)));     // in the midst of telling anew, or after
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            world.Judge.Disturbed();
            owner.Crash();
            world.Run(TimeSpan.FromSeconds(4));

            Assert.Null(world.Violation);
            tally.Add(sessions.Tally);
        }
        Assert.True(tally.Moved > 100 && tally.Continued > 50, tally.ToString());
        Assert.True(tally.Kept > tally.Keepable * 0.9, tally.ToString());
    }

    [Theory]
    [InlineData(nameof(Mutation.None))]
    [InlineData(nameof(Mutation.SessionsAreNotAbandoned))]
    public void An_owner_that_stood_still_while_another_went_on_with_its_sessions_lets_go_of_them_before_it_is_owner_again(string mutation)
    {
        Mutation broken = Enum.Parse<Mutation>(mutation);
        SessionStory sessions = new();
        SimulatedWorld world = new(1, SimulationPlan.Plain(2, WireNoise.Ms(400)), broken, [sessions]);
        world.StartAll();
        world.Run(TimeSpan.FromSeconds(4));
        SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
        SimulatedNode other = world.Nodes.Single(node => node != owner);

        world.Judge.Disturbed();
        owner.Process!.Stop(TimeSpan.FromSeconds(3));
        world.Run(TimeSpan.FromSeconds(3.5));
        Assert.True(other.Kernel.Accepts(0), world.Violation);
        Assert.True(sessions.Tally.Continued > 0);
        world.Judge.Disturbed();
        other.Crash();
        world.Run(TimeSpan.FromSeconds(4));

        Assert.Equal(broken != Mutation.None, world.Violation?.Contains("from an earlier time", StringComparison.Ordinal) == true);
    }

    /// <summary>Its peer is down. What the guard left is of use for a minute, and where the node's clock was not set back and its state folder lost with it.</summary>
    [Theory]
    [InlineData(1, false, true)]
    [InlineData(55, false, true)]
    [InlineData(62, false, false)]
    [InlineData(1, true, false)]
    public void The_next_process_goes_on_with_what_the_guard_left_where_no_peer_can(int afterSeconds, bool stateIsLost, bool goesOn)
    {
        int quiet = 0;
        SessionTally tally = new();
        for (int seed = 1; seed <= 30; seed++)
        {
            (SimulatedWorld world, SessionStory sessions, SimulatedNode owner) = OwnerWithoutPeer(seed);
            quiet += SessionStory.QuietAt(owner);
            owner.KillProcess(guard: true);
            world.Run(TimeSpan.FromSeconds(afterSeconds));
            if (stateIsLost) { owner.ForgetTime(); }
            owner.StartProcess();
            world.Run(TimeSpan.FromSeconds(4));

            Assert.Null(world.Violation);
            Assert.True(owner.Kernel.Accepts(0), $"seed {seed}");
            tally.Add(sessions.Tally);
        }
        Assert.Equal(tally.Continued, tally.ContinuedAsLeft);
        Assert.True(goesOn ? tally.Continued > quiet * 8 / 10 && quiet > 50 : tally.Continued == 0, $"{quiet} were quiet: {tally}");
        Assert.True(tally.Kept >= tally.Keepable * 0.9, tally.ToString());
    }

    [Fact]
    public void What_a_guard_left_before_the_power_failed_is_taken_after_it()
    {
        SessionTally tally = new();
        for (int seed = 1; seed <= 30; seed++)
        {
            (SimulatedWorld world, SessionStory sessions, SimulatedNode owner) = OwnerWithoutPeer(seed);
            owner.KillProcess(guard: true);
            world.Run(TimeSpan.FromSeconds(1));
            owner.Crash();
            world.Run(TimeSpan.FromSeconds(10));
            owner.PowerOn();
            world.Run(TimeSpan.FromSeconds(4));

            Assert.Null(world.Violation);
            tally.Add(sessions.Tally);
        }
        Assert.True(tally.ContinuedAsLeft > 50, tally.ToString());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void What_the_guard_left_is_dropped_where_another_node_owns_the_VIP(int nodes)
    {
        SessionTally tally = new();
        for (int seed = 1; seed <= 30; seed++)
        {
            SessionStory sessions = new();
            SimulatedWorld world = new(seed, SimulationPlan.Plain(nodes, WireNoise.Ms(nodes == 2 ? 400 : 600)), parts: [sessions]);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(4));
            SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
            world.Judge.Disturbed();
            owner.KillProcess(guard: true);
            world.Run(TimeSpan.FromSeconds(1));
            owner.StartProcess();
            world.Run(TimeSpan.FromSeconds(12));
            Assert.False(SessionStory.At(owner)!.Recording.HasOwn(0), $"seed {seed}");

            foreach (SimulatedNode other in world.Nodes.Where(other => other.Kernel.Accepts(0))) { other.Crash(); }
            world.Judge.Disturbed();
            world.Run(TimeSpan.FromSeconds(4));

            Assert.Null(world.Violation);
            tally.Add(sessions.Tally);
        }
        Assert.Equal(0, tally.ContinuedAsLeft);
        Assert.True(tally.Continued > 100, tally.ToString());
    }

    [Fact]
    public void What_the_guard_left_and_is_not_true_is_found_when_it_is_not_proved()
    {
        string? found = Enumerable.Range(1, 100).Select(WithoutProof).FirstOrDefault(violation => violation is not null);

        Assert.Contains(" runs session ", found, StringComparison.Ordinal);

        static string? WithoutProof(int seed)
        {
            (SimulatedWorld world, _, SimulatedNode owner) = OwnerWithoutPeer(seed, Mutation.WhatWasLeftIsTrue);
            owner.KillProcess(guard: true);
            world.Run(TimeSpan.FromSeconds(1));
            owner.StartProcess();
            world.Run(TimeSpan.FromSeconds(4));
            return world.Violation;
        }
    }

    private static (SimulatedWorld World, SessionStory Sessions, SimulatedNode Owner) OwnerWithoutPeer(int seed, Mutation mutation = Mutation.None)
    {
        SessionStory sessions = new();
        SimulatedWorld world = new(seed, SimulationPlan.Plain(2, WireNoise.Ms(400)), mutation, [sessions]);
        world.StartAll();
        world.Run(TimeSpan.FromSeconds(3));
        SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
        world.Judge.Disturbed();
        world.Nodes.Single(node => node != owner).Crash();
        world.Run(TimeSpan.FromSeconds(3));
        Assert.Null(world.Violation);
        world.Judge.Disturbed();
        return (world, sessions, owner);
    }
}
