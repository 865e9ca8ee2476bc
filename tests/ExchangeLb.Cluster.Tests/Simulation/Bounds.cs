using System;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>What the simulation holds the protocol to, beside that there are never two owners.</summary>
internal static class Bounds
{
    /// <summary>No drawn fault lasts longer.</summary>
    internal static TimeSpan LongestPause { get; } = TimeSpan.FromSeconds(3.1);

    /// <summary>From the end of all faults until every VIP has one owner.</summary>
    internal static TimeSpan AfterFaults(SimulationPlan plan) => TimeSpan.FromSeconds(plan.IsCalm ? 1.5 : 4);

    /// <summary>While a fault lasts: from the last change until every part of the network that may serve does, where nothing disturbs it.</summary>
    internal static TimeSpan AfterChange { get; } = TimeSpan.FromSeconds(1.5);

    /// <summary>From the last write until all tables are equal.</summary>
    internal static TimeSpan TablesAgree { get; } = TimeSpan.FromSeconds(5);

    /// <summary>From the last fault until no session waits for a move to end.</summary>
    internal static TimeSpan SessionsSettle { get; } = TimeSpan.FromSeconds(12);

    /// <summary>After that, hand-overs aside, nobody is without an owner for longer.</summary>
    internal static TimeSpan Gap(SimulationPlan plan) => plan.IsCalm ? TimeSpan.FromMilliseconds(60) : plan.Model.Timings.Lease * 3;
}
