using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using ExchangeLb.Cluster.Fitness;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Clustering;

/// <summary>
/// Finds out how fit this node is, and tells the protocol when that changes: loops that turn, the VIPs' devices, gateways and neighbours that are
/// reached, backends that only others reach. All members but those marked are the lease thread's.
/// </summary>
/// <param name="heartbeat">The loops' own.</param>
internal sealed class FitnessSource(OwnershipNode node, LoopHeartbeat heartbeat, ClusterModel model)
{
    /// <summary>What a node is worth that reaches everything; a gateway, a neighbour and a backend weigh less in this order.</summary>
    private const int All = 1_000_000;
    private const int NeighbourWorth = 100;
    private const int BackendWorth = 1;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    /// <summary>On a host whose processors are all taken a loop may wait for half a second; a whole one of silence is no hiccup, and a VIP that moves for less flaps.</summary>
    private readonly LoopWatch _loops = new(TimeSpan.FromSeconds(1));

    private readonly Lock _reporting = new();
    private ImmutableArray<VipFitness> _vips = [.. model.Vips.Select(vip => new VipFitness(vip))];
    private TimeSpan _due;
    private bool _turning = true;
    private int _gatewaysLost;
    private int _neighboursLost;
    private bool _reachesNobody;
    private IReadOnlyList<string> _lostBackends = [];
    private string _unfit = "";
    private string _lostGateways = "";
    private ImmutableArray<LinkSnapshot> _links = [];

    /// <summary>Told when a link or the reason why this node can't serve changes. Must return at once.</summary>
    public Action Changed { get; init; } = () => { };

    /// <summary>Why this node can't serve; "" when it can. Any thread.</summary>
    public string Unfit => Volatile.Read(ref _unfit);

    /// <summary>As of the last look.</summary>
    public bool LoopsTurn => _turning;

    /// <summary>Any thread.</summary>
    public ImmutableArray<LinkSnapshot> Links
    {
        get
        {
            lock (_reporting)
            {
                return _links;
            }
        }
    }

    /// <summary>From any thread: backends without a usable server here that a peer still reaches.</summary>
    public void SetLostBackends(IReadOnlyList<string> names) => Volatile.Write(ref _lostBackends, names);

    /// <summary>The device of a VIP came up or went down.</summary>
    public void SetLink(int vip, bool up)
    {
        _vips[vip].LinkUp = up;
        _due = TimeSpan.Zero;
    }

    /// <summary>The VIP was lost; others may go on with its sessions, so it must not be owned again before they have ended here: <see cref="Cleared"/>.</summary>
    public void Withhold(int vip)
    {
        _vips[vip].Losses++;
        _due = TimeSpan.Zero;
    }

    /// <summary>None of its sessions are left up to the so-many-th <see cref="Withhold"/>.</summary>
    public void Cleared(int vip, int losses)
    {
        _vips[vip].Cleared = Math.Max(_vips[vip].Cleared, losses);
        _due = TimeSpan.Zero;
    }

    /// <summary>No session is left of a VIP that was lost.</summary>
    public bool HasCleared => _vips.All(vip => vip.HasCleared);

    public bool HasClearedOf(int vip) => _vips[vip].HasCleared;

    /// <summary>A reload. VIPs keep their places.</summary>
    public void Use(ClusterModel next)
    {
        _vips = [.. _vips, .. next.Vips.Skip(_vips.Length).Select(vip => new VipFitness(vip))];
        foreach ((VipFitness stand, VipModel vip) in _vips.Zip(next.Vips)) { stand.Model = vip; }
        _due = TimeSpan.Zero;
    }

    /// <summary>What the probes of the surroundings say.</summary>
    /// <param name="gateways">Those that don't answer, for people.</param>
    /// <param name="nobody">A VIP's device has neighbours, and none answers: clients are as far away as behind a gateway that is lost.</param>
    public void SetUnreached(IReadOnlyList<string> gateways, int neighbours, bool nobody)
    {
        if (_gatewaysLost != gateways.Count || _neighboursLost != neighbours || _reachesNobody != nobody)
        {
            _gatewaysLost = gateways.Count;
            _reachesNobody = nobody;
            _neighboursLost = neighbours;
            _lostGateways = string.Join(", ", gateways);
            _due = TimeSpan.Zero;
        }
    }

    /// <summary>How this node's links stand, for reports.</summary>
    public void SetLinks(ImmutableArray<LinkSnapshot> links)
    {
        lock (_reporting)
        {
            if (_links.SequenceEqual(links)) { return; }
            _links = links;
        }
        Changed();
    }

    /// <summary>Once a turn of the lease thread.</summary>
    /// <returns>When it wants to be called again.</returns>
    public TimeSpan EveryTurn(TimeSpan now)
    {
        if (now < _due)
        {
            return _due;
        }
        _due = now + Every;
        _turning = _loops.Observe(heartbeat.Nudge() <= 1, now);
        int reached = All - ((_gatewaysLost + (_reachesNobody ? 1 : 0)) * NodeFitness.GatewayWorth) - (_neighboursLost * NeighbourWorth) - (Volatile.Read(ref _lostBackends).Count * BackendWorth);
        for (int vip = 0; vip < _vips.Length; vip++)
        {
            VipFitness stand = _vips[vip];
            NodeFitness fitness = new(_turning && stand.HasCleared, stand.LinkUp, reached);
            if (stand.Told != fitness && vip < node.VipCount)
            {
                stand.Told = fitness;
                node.FitnessChanged(vip, fitness);
            }
        }
        string reason = Reason();
        if (reason != _unfit)
        {
            Volatile.Write(ref _unfit, reason);
            Changed();
        }
        return _due;
    }

    private string Reason()
    {
        if (!_turning)
        {
            return "a loop of its balancer hangs";
        }
        if (_vips.FirstOrDefault(vip => !vip.HasCleared) is { } left)
        {
            return $"connections of {left.Model.Address} are still being ended here";
        }
        if (_vips.FirstOrDefault(vip => !vip.LinkUp && !vip.Model.IsGone) is { } down)
        {
            return $"{down.Model.Device} is down, so {down.Model.Address} can't be served";
        }
        if (_gatewaysLost > 0)
        {
            return $"it does not reach the gateway {_lostGateways}";
        }
        IReadOnlyList<string> lost = Volatile.Read(ref _lostBackends);
        return lost.Count > 0 ? $"it reaches no server of {string.Join(", ", lost)}, which its peer does" : "";
    }

    /// <summary>What is known of one VIP.</summary>
    private sealed class VipFitness(VipModel model)
    {
        internal VipModel Model { get; set; } = model;
        internal bool LinkUp { get; set; }

        /// <summary>What the protocol was told last.</summary>
        internal NodeFitness? Told { get; set; }
        internal int Losses { get; set; }
        internal int Cleared { get; set; }
        internal bool HasCleared => Cleared == Losses;
    }
}
