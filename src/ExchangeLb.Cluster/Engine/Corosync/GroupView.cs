using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Linux.Corosync;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// Makes views out of what Corosync says on two connections: who is in the group and which ring carries it (libcpg), and which ring is
/// quorate (libquorum). A verdict counts only while the ring that it was spoken on is the one that carries the members.
/// </summary>
/// <remarks>
/// Whether the ring has the votes is not all: with three nodes, a balancer whose two peers do not run stands in a quorate ring, but alone.
/// So from three nodes on the members must be a majority too. With two, the ring's word (two_node, or a witness) is the whole truth.
/// </remarks>
internal sealed class GroupView(NodeId self, ImmutableArray<NodeId> configured)
{
    private readonly HashSet<(uint Node, uint Pid)> _processes = [];
    private ImmutableArray<NodeId> _members = [];
    private uint[] _ringNodes = [];
    private RingId? _ring;
    private bool _ringIsPast;
    private (RingId Ring, bool Quorate)? _verdict;
    private bool _settling;

    /// <summary>The last view; null before the first.</summary>
    internal ClusterView? Current { get; private set; }

    /// <summary>In the group, and a node of the cluster.</summary>
    internal bool Has(uint node) => _members.Contains(new NodeId(node));

    /// <summary>
    /// A new connection. A Corosync that has just started forms a ring of its own before its links are up (measured: members meet 0.6 s after
    /// it answers), so while it settles a view without any peer gets no verdict.
    /// </summary>
    internal void Connected(bool settling)
    {
        _processes.Clear();
        _ring = null;
        _ringNodes = [];
        _ringIsPast = false;
        _verdict = null;
        _settling = settling;
    }

    /// <summary>Each member below: the view that came of it, or null when it is the same as before.</summary>
    internal ClusterView? MembersChanged(ReadOnlySpan<CpgAddress> members, ReadOnlySpan<CpgAddress> left)
    {
        HashSet<(uint, uint)> processes = [];
        foreach (CpgAddress member in members)
        {
            if (configured.Contains(new NodeId(member.NodeId))) { processes.Add((member.NodeId, member.Pid)); }
            _ringIsPast |= Array.IndexOf(_ringNodes, member.NodeId) < 0;
        }
        foreach (CpgAddress gone in left)
        {
            _ringIsPast |= gone.Reason == CpgReason.CPG_REASON_NODEDOWN && Array.IndexOf(_ringNodes, gone.NodeId) >= 0;
        }
        if (!processes.Any(process => process.Item1 == self.Value)) { return null; }
        bool same = _processes.SetEquals(processes) && Current is not null;
        _processes.Clear();
        _processes.UnionWith(processes);
        _members = [.. processes.Select(process => new NodeId(process.Item1)).Distinct().Order()];
        return same ? Judged() : Next(Verdict());
    }

    internal ClusterView? RingChanged(RingId ring, ReadOnlySpan<uint> nodes)
    {
        _ring = ring;
        _ringNodes = nodes.ToArray();
        _ringIsPast = false;
        return Judged();
    }

    internal ClusterView? QuorumDecided(RingId ring, bool quorate)
    {
        _verdict = (ring, quorate);
        return Judged();
    }

    internal ClusterView? Settled()
    {
        _settling = false;
        return Judged();
    }

    /// <summary>Corosync is gone: nothing is known of any peer, least of all that it is dead.</summary>
    internal ClusterView? Lost()
    {
        if (Current is null) { return null; }
        _members = [self];
        _processes.Clear();
        _verdict = null;
        return Next(QuorumVerdict.Pending);
    }

    private ClusterView Next(QuorumVerdict verdict) => Current = new ClusterView((Current?.Epoch ?? 0) + 1, self, _members, verdict);

    private ClusterView? Judged()
    {
        if (Current is null || _processes.Count == 0) { return null; }
        QuorumVerdict verdict = Verdict();
        return verdict == Current.Quorum ? null : Current = Current with { Quorum = verdict };
    }

    private QuorumVerdict Verdict()
    {
        if (_ring is not { } ring || _ringIsPast || _verdict is not { } verdict || verdict.Ring != ring) { return QuorumVerdict.Pending; }
        if (_settling && _members.Length == 1 && configured.Length > 1) { return QuorumVerdict.Pending; }
        bool majority = configured.Length <= 2 || _members.Length * 2 > configured.Length;
        return verdict.Quorate && majority ? QuorumVerdict.Quorate : QuorumVerdict.Inquorate;
    }
}
