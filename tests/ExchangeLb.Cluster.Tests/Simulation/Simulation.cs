using System;
using System.Text;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Cluster.Tests.Simulation.Sessions;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>One whole story from one seed: nodes start, faults come and go, everything heals, and every VIP has one owner again.</summary>
internal static class Simulation
{
    /// <summary>What is wrong; null: nothing.</summary>
    /// <param name="tally">What became of the story's sessions is added to it.</param>
    internal static string? Run(int seed, Mutation mutation = Mutation.None, StringBuilder? trace = null, SessionTally? tally = null)
    {
        // Every fourth story has stick tables in it: they cost more than all the rest.
        // Every other one has sessions, which move along with a VIP, or outlive its owner.
        SessionStory? sessions = seed % 2 == 1 && mutation is (Mutation.None or Mutation.SessionsAreNotAbandoned or Mutation.KeptSessionsStay or Mutation.OwnersDoNotCheck or Mutation.LostSessionsAreLeft or Mutation.LostSessionsAreAllReset) ? new() : null;
        ISimulatedParts[] parts = sessions is not null ? [sessions] : seed % 4 == 0 && mutation == Mutation.None ? [new ReplicatedTables()] : [];
        string? wrong = Run(seed, mutation, parts, trace);
        if (sessions is not null && tally is not null)
        {
            lock (tally) { tally.Add(sessions.Tally); }
        }
        return wrong;
    }

    private static string? Run(int seed, Mutation mutation, ISimulatedParts[] parts, StringBuilder? trace)
    {
        Random random = new(seed);
        SimulationPlan plan = SimulationPlan.Draw(random);
        SimulatedWorld world = new(random.Next(), plan, mutation, parts, trace);
        if (trace is not null) { world.Trace(null, $"{plan.Model.Nodes.Length} nodes, lease {plan.Model.Timings.Lease.TotalMilliseconds} ms, {plan.Noise}, frames lost {plan.FrameLoss}"); }
        // In the others VIPs come and go.
        Faults faults = new(world, vipsChange: seed % 4 == 2 && mutation == Mutation.None);
        // Many short faults, or a few long ones, in whose midst a part of the cluster has time to come to rest.
        bool calm = random.Next(3) == 0;
        int count = calm ? random.Next(1, 4) : random.Next(2, 12);
        TimeSpan faulty = WireNoise.Ms(calm ? 1500 : 1000 + (3500 * random.NextDouble()));
        world.Time.After(WireNoise.Ms(1), world.StartAll);
        TimeSpan begin = WireNoise.Ms(random.Next(4) == 0 ? 1 : 1200);
        for (int fault = 0; fault < count; fault++)
        {
            TimeSpan length = calm ? TimeSpan.FromSeconds(3) : WireNoise.Ms(20 * Math.Pow(150, random.NextDouble()));
            world.Time.At(begin + (faulty * random.NextDouble()), () => faults.Draw(length));
        }
        world.Run(begin + faulty + (calm ? TimeSpan.FromSeconds(2) : TimeSpan.Zero));
        if (world.Violation is not null) { return world.Violation; }
        faults.EndAll();
        // Ends of drawn faults may still come; they undo what is undone already.
        world.Run(Bounds.LongestPause);
        faults.EndAll();
        world.Judge.ExpectOwners(world.Time.Now + Bounds.AfterFaults(plan), Bounds.Gap(plan));
        world.Run(Bounds.AfterFaults(plan) + TimeSpan.FromSeconds(1));
        if (world.Violation is not null) { return world.Violation; }
        world.IsQuiet = true;
        if (parts.Length > 0) { world.Run(parts[0] is ReplicatedTables ? Bounds.TablesAgree : Bounds.SessionsSettle); }
        if (world.Violation is not null) { return world.Violation; }
        foreach (ISimulatedParts part in world.Parts)
        {
            if (part.ViolationAfterQuiet(world) is { } wrong) { return wrong; }
        }
        return null;
    }
}
