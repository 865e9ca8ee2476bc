using System;
using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>One session as its client and its server know it, whoever runs it.</summary>
/// <param name="client">The node in whose part of the service network its client is, when that is cut.</param>
internal sealed class SimulatedSession(long id, int vip, NodeId client, NodeId server)
{
    internal long Id => id;
    internal int Vip => vip;
    internal NodeId Client => client;
    internal NodeId Server => server;

    /// <summary>What client and server have sent and had acknowledged, and what they have got. Whoever runs it must stand just there.</summary>
    internal SessionImage Ends { get; set; }

    /// <summary>Closed or reset, and its ends know.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>Rises whenever it goes on somewhere: what was described for a move before may not be run after.</summary>
    internal int Life { get; set; }

    /// <summary>Where it is described for a move, or was last.</summary>
    internal SessionPart? DescribedAt { get; set; }

    /// <summary>Of that node's kernel, then.</summary>
    internal int GapsWhenDescribed { get; set; }

    /// <summary>Processes that have sockets of it which speak, or did until they were frozen.</summary>
    internal List<SessionPart> Runners { get; } = [];

    /// <summary>
    /// Two nodes that were split in both networks had the VIP, and the one in whose part its ends are went on with it. The other finds out when it asks its
    /// sessions after the heal.
    /// </summary>
    internal bool IsDisputed { get; set; }

    /// <summary>Both of its ends only wait: none of them says anything that would be answered by a reset once nobody has it.</summary>
    internal bool IsSilent => id % 4 == 0;

    /// <summary>Who knows, and since when by his clock, that it was lost by who ran it.</summary>
    internal Dictionary<SessionPart, TimeSpan> ListedAt { get; } = [];

    /// <summary>Who ran it last.</summary>
    internal SessionPart? LastRunner { get; set; }
}
