namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>A session at a process that runs it, or has frozen it to hand it over.</summary>
internal sealed class SessionSockets(SimulatedSession session, SessionImage image)
{
    internal SimulatedSession Session => session;
    internal SessionImage Image { get; set; } = image;
    internal bool IsFrozen { get; set; }

    internal bool IsQuiet { get; set; }

    /// <summary>Another node went on with the session while this one had lost the VIP, or stood still: no byte is taken of them at either side until that is found out.</summary>
    internal bool MayBeStale { get; set; }

    /// <summary>The others were told of it, if they are told at all.</summary>
    internal bool IsTold { get; set; }

    /// <summary>The guard has duplicates of them.</summary>
    internal bool IsHeld { get; set; }
}
