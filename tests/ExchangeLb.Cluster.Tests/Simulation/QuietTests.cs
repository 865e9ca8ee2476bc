using System;
using System.Linq;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
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
            QuietSessions sessions = new();
            SimulatedWorld world = new(seed, SimulationPlan.Plain(nodes, WireNoise.Ms(leaseMs)), parts: [sessions]);
            world.StartAll();
            world.Run(TimeSpan.FromSeconds(4));
            for (int crash = 0; crash < 4; crash++)
            {
                SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
                quiet += sessions.QuietAt(owner);
                int all = sessions.At(owner);
                (int continuedBefore, int resetBefore) = (sessions.ContinuedTotal, sessions.ResetTotal);
                world.Judge.Disturbed();
                owner.Crash();
                world.Run(TimeSpan.FromSeconds(4));
                world.Judge.Disturbed();
                owner.PowerOn();
                world.Run(TimeSpan.FromSeconds(4));

                Assert.Null(world.Violation);
                Assert.InRange(sessions.ContinuedTotal - continuedBefore + sessions.ResetTotal - resetBefore, 0, all);
            }
            continued += sessions.ContinuedTotal;
        }
        Assert.True(continued > quiet * 8 / 10, $"{continued} of {quiet} quiet sessions went on");
        Assert.True(continued > 300);
    }

    [Theory]
    [InlineData(nameof(Mutation.None))]
    [InlineData(nameof(Mutation.SessionsAreNotAbandoned))]
    public void An_owner_that_stood_still_while_another_went_on_with_its_sessions_lets_go_of_them_before_it_is_owner_again(string mutation)
    {
        Mutation broken = Enum.Parse<Mutation>(mutation);
        QuietSessions sessions = new();
        SimulatedWorld world = new(1, SimulationPlan.Plain(2, WireNoise.Ms(400)), broken, [sessions]);
        world.StartAll();
        world.Run(TimeSpan.FromSeconds(4));
        SimulatedNode owner = world.Nodes.Single(node => node.Kernel.Accepts(0));
        SimulatedNode other = world.Nodes.Single(node => node != owner);

        world.Judge.Disturbed();
        owner.Process!.Stop(TimeSpan.FromSeconds(3));
        world.Run(TimeSpan.FromSeconds(3.5));
        Assert.True(other.Kernel.Accepts(0), world.Violation);
        Assert.True(sessions.ContinuedTotal > 0);
        world.Judge.Disturbed();
        other.Crash();
        world.Run(TimeSpan.FromSeconds(4));

        Assert.Equal(broken != Mutation.None, world.Violation?.Contains("from an earlier time", StringComparison.Ordinal) == true);
    }
}
