using System.Collections.Generic;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>One node as a candidate for one VIP.</summary>
/// <param name="Preferred">Its place in the VIP's `prefer` list, the first is 0; <see cref="int.MaxValue"/>: it is not in it.</param>
internal readonly record struct Candidate(NodeId Node, NodeFitness Fitness, bool Standby, int Priority, int Preferred)
{
    internal bool CanServe => Fitness.Serving && Fitness.LinkUp;
}

/// <summary>Who should own a VIP. Says nothing about who does: that takes grants.</summary>
internal static class VipElection
{
    /// <summary>The node that should own the VIP, and whether only its higher priority speaks for it; null: nobody can serve.</summary>
    /// <param name="owner">Who owns it now: it keeps it from an equal, and from one of higher priority, too, unless that may preempt.</param>
    internal static (NodeId Node, bool ByPreference)? Choose(IEnumerable<Candidate> candidates, NodeId? owner, bool preempt)
    {
        Candidate? best = null;
        Candidate? present = null;
        foreach (Candidate candidate in candidates)
        {
            if (!candidate.CanServe) { continue; }
            if (best is null || Compare(candidate, best.Value) < 0) { best = candidate; }
            if (candidate.Node == owner) { present = candidate; }
        }
        if (best is null) { return null; }
        bool byPreference = present is not null && CompareClass(best.Value, present.Value) == 0;
        // A move between two that are in standby would only be a break.
        return byPreference && (!preempt || best.Value.Standby) ? (present!.Value.Node, false) : (best.Value.Node, byPreference);
    }

    /// <summary>How many of the others come before this one, and whether one of them is of a better class.</summary>
    internal static (int Rank, bool Outclassed) Rank(Candidate self, IEnumerable<Candidate> others)
    {
        int rank = 0;
        bool outclassed = false;
        foreach (Candidate other in others)
        {
            if (!other.CanServe || Compare(other, self) >= 0) { continue; }
            rank++;
            outclassed |= CompareClass(other, self) < 0;
        }
        return (rank, outclassed);
    }

    /// <summary>Negative: the first comes before the second.</summary>
    internal static int Compare(Candidate first, Candidate second)
    {
        int order = CompareClass(first, second);
        return order != 0 ? order : ComparePreference(first, second);
    }

    /// <summary>What the configuration alone says: the VIP's own order, then priority, then the lower number. Never 0 for two nodes.</summary>
    internal static int ComparePreference(Candidate first, Candidate second)
    {
        int order = first.Preferred.CompareTo(second.Preferred);
        if (order == 0) { order = second.Priority.CompareTo(first.Priority); }
        return order != 0 ? order : first.Node.CompareTo(second.Node);
    }

    /// <summary>What comes before priorities: not on standby, and how much a node reaches.</summary>
    private static int CompareClass(Candidate first, Candidate second)
    {
        int order = first.Standby.CompareTo(second.Standby);
        return order != 0 ? order : second.Fitness.Reached.CompareTo(first.Fitness.Reached);
    }
}
