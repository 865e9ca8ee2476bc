using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// VIPs of others that this node keeps its word about. Nodes reload one after the other: one that does not have a VIP yet, or any more, must not keep the
/// others from serving it.
/// </summary>
internal sealed class StrangerVips(NodeState node)
{
    /// <summary>More of them it does not answer, unless one can be forgotten.</summary>
    internal const int Max = 64;

    /// <summary>Whoever has a VIP speaks of it several times a second. Then what was heard of its owners is of no use to anybody but a later owner, so it is kept while there is room.</summary>
    internal static readonly TimeSpan SilentAtLeast = TimeSpan.FromMinutes(1);

    private readonly Dictionary<uint, Stranger> _known = [];

    /// <returns>Null: there are too many.</returns>
    internal VipState? Find(uint key, TimeSpan now)
    {
        if (!_known.TryGetValue(key, out Stranger? stranger))
        {
            if (_known.Count >= Max && !ForgetOne(now)) { return null; }
            _known.Add(key, stranger = new(New(key)));
        }
        stranger.HeardAt = now;
        return stranger.Vip;
    }

    /// <summary>It is in this node's file now.</summary>
    internal VipState? Remove(uint key) => _known.Remove(key, out Stranger? stranger) ? stranger.Vip : null;

    /// <summary>Another model, in which the nodes may have other places.</summary>
    internal void Use(ClusterModel former)
    {
        foreach (Stranger stranger in _known.Values) { stranger.Vip.Use(stranger.Vip.Model, former); }
    }

    /// <summary>The one that was not heard of for longest; never one about which this node has given its word and must keep it.</summary>
    private bool ForgetOne(TimeSpan now)
    {
        (uint key, Stranger oldest) = _known.MinBy(known => known.Value.HeardAt);
        return now - oldest.HeardAt >= SilentAtLeast && oldest.Vip.Voter.BoundUntil <= now && _known.Remove(key);
    }

    private VipState New(uint key)
    {
        VipState vip = new(node, key);
        vip.Voter.Start(node.StartedAt);
        return vip;
    }

    private sealed class Stranger(VipState vip)
    {
        internal VipState Vip { get; } = vip;
        internal TimeSpan HeardAt { get; set; }
    }
}
