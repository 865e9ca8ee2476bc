using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>
/// Established sessions at whoever owns a VIP: they move along when it is handed over, and quiet ones are told to the others, who go on with them when
/// their owner is gone. Both act on one model of a session. How far it has got only its client and its server know for sure; whoever runs it must stand
/// just there whenever a byte moves, and nobody else may run it in the same network.
/// </summary>
internal sealed class SessionStory : ISimulatedParts
{
    private readonly Dictionary<long, SimulatedSession> _sessions = [];
    private readonly List<SimulatedSession> _shared = [];
    private readonly HashSet<(NodeId Node, SimulatedSession Session)> _duplicates = [];
    private readonly Dictionary<NodeId, SimulatedGuard> _guards = [];
    private long _last;

    internal SessionTally Tally { get; } = new();

    /// <summary>Quiet for long where they run, and the others were told.</summary>
    internal static int QuietAt(SimulatedNode node) => SocketsAt(node).Count(sockets => sockets.IsQuiet && !sockets.Session.HasEnded);

    internal static int CountAt(SimulatedNode node) => SocketsAt(node).Count(sockets => !sockets.Session.HasEnded);

    /// <summary>Sessions that nobody runs, and whose ends do not know.</summary>
    internal int NowhereTotal => _sessions.Values.Count(session => !session.HasEnded && session.Runners.Count == 0);

    public ISimulatedPart Create(SimulatedWorld world, SimulatedProcess process)
    {
        CloseDuplicates(process.Node.Id);   // a start ends what an earlier life has left
        return new SessionPart(this, world, process);
    }

    internal SimulatedGuard GuardOf(SimulatedWorld world, SimulatedNode node)
    {
        if (!_guards.TryGetValue(node.Id, out SimulatedGuard? guard)) { _guards[node.Id] = guard = new(world, node); }
        return guard;
    }

    internal static SessionPart? At(SimulatedNode node) => node.Process?.Parts.OfType<SessionPart>().SingleOrDefault();

    internal IEnumerable<SimulatedSession> Of(int vip) => _sessions.Values.Where(session => session.Vip == vip && !session.HasEnded);

    internal SimulatedSession? Find(long id) => _sessions.GetValueOrDefault(id);

    internal SimulatedSession Open(int vip, NodeId client, NodeId server) => _sessions[++_last] = new(_last, vip, client, server);

    internal void End(SimulatedSession session)
    {
        session.HasEnded = true;
        _sessions.Remove(session.Id);
    }

    internal void Ran(SimulatedSession session, SessionPart at)
    {
        session.Runners.Add(at);
        (session.LastRunner, session.Life) = (at, session.Life + 1);
        if (session.Runners.Count == 2) { _shared.Add(session); }
    }

    internal void Left(SimulatedSession session, SessionPart at)
    {
        session.Runners.Remove(at);
        if (session.Runners.Count == 1) { _shared.Remove(session); }
    }

    /// <summary>The guard keeps these sockets from saying goodbye, and with them the kernel goes on to acknowledge.</summary>
    internal void Duplicate(NodeId node, SimulatedSession session) => _duplicates.Add((node, session));

    internal bool IsDuplicate(NodeId node, SimulatedSession session) => _duplicates.Contains((node, session));

    internal void CloseDuplicates(NodeId node) => _duplicates.RemoveWhere(duplicate => duplicate.Node == node);

    private static IEnumerable<SessionSockets> SocketsAt(SimulatedNode node) =>
        At(node) is { } part ? Enumerable.Range(0, part.VipCount).SelectMany(part.SocketsOf) : [];

    public string? Violation(SimulatedWorld world)
    {
        foreach (SimulatedSession session in _shared)
        {
            if (session.HasEnded || session.IsDisputed) { continue; }
            SessionPart[] speaking = [.. session.Runners.Where(runner => runner.Node.Kernel.Passes(session.Vip))];
            for (int one = 0; one < speaking.Length; one++)
            {
                for (int other = one + 1; other < speaking.Length; other++)
                {
                    if (world.Service.Connects(speaking[one].Node.Id, speaking[other].Node.Id))
                    {
                        return $"session {session.Id} of vip {session.Vip} is run by lb{speaking[one].Node.Id} and by lb{speaking[other].Node.Id} in one network";
                    }
                }
            }
        }
        return null;
    }

    public string? ViolationAfterQuiet(SimulatedWorld world)
    {
        SessionPart[] parts = [.. world.Nodes.Select(At).OfType<SessionPart>()];
        foreach (SessionPart part in parts)
        {
            if (part.LeftOver() is { } wrong) { return wrong; }
        }
        foreach (SessionPart owner in parts)
        {
            foreach (SimulatedSession session in _sessions.Values.Where(session => !session.HasEnded && owner.Node.Kernel.Accepts(session.Vip)))
            {
                if (parts.All(part => part.IsSettled) && owner.HangOf(session) is { } wrong) { return $"session {session.Id} of vip {session.Vip} hangs at lb{owner.Node.Id}: {wrong}"; }
                if (parts.All(part => part.IsSettled) && owner.Silent(session) is { } silence) { return $"session {session.Id} of vip {session.Vip} hangs at lb{owner.Node.Id}: {silence}"; }
            }
        }
        return null;
    }
}
