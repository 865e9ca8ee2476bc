using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>What a node's kernel keeps for each VIP, whatever becomes of its processes. Timed elements end by the node's clock, up to 6 ms late.</summary>
internal sealed class SimulatedKernel(SimulatedWorld world, SimulatedNode node, int vips)
{
    private readonly Elements[] _vips = new Elements[vips];
    private readonly TimeSpan[] _accepted = new TimeSpan[vips];
    private readonly int[] _gaps = new int[vips];

    internal bool Accepts(int vip) => _vips[vip].Lease > Now || (world.Mutation == Mutation.LeaseNeverEnds && _vips[vip].Lease > TimeSpan.Zero);

    /// <summary>Packets get in and out: no hand-over keeps them back.</summary>
    internal bool Passes(int vip) => Accepts(vip) && _vips[vip].Frozen <= Now;

    /// <summary>When it accepted traffic last, in the world's time.</summary>
    internal TimeSpan AcceptedUntil(int vip) => Accepts(vip) ? world.Time.Now : Later(_accepted[vip], node.World(_vips[vip].Lease));

    /// <summary>So many of the next calls the kernel refuses, and does nothing.</summary>
    internal int Refusals { get; set; }

    internal bool Refuses() => Refusals > 0 && Refusals-- > 0;

    internal ulong LeaseOf(int vip) => _vips[vip].Incarnation;

    /// <summary>A lease answers everything; a claim answers probes only.</summary>
    internal bool AnswersProbe(int vip) =>
        world.Mutation != Mutation.ProbesAreUnanswered && (Accepts(vip) || (_vips[vip].Claim > Now && world.Mutation != Mutation.ClaimIsMute));

    internal void Flush()
    {
        for (int vip = 0; vip < _vips.Length; vip++) { Release(vip); }
    }

    /// <summary>Others change the rules, and all but the freeze is mended at once.</summary>
    internal void Thaw(int vip)
    {
        if (_vips[vip].Frozen > Now && Accepts(vip)) { _gaps[vip]++; }
        _vips[vip].Frozen = default;
    }

    /// <summary>Times that packets passed though nobody had ended the freeze.</summary>
    internal int Gaps(int vip) => _gaps[vip] + (IsTorn(vip) ? 1 : 0);

    internal void Freeze(int vip, TimeSpan life)
    {
        CountGap(vip);
        _vips[vip].Frozen = End(life);
    }

    internal bool KeepFrozen(int vip, TimeSpan life)
    {
        if (!HasHeld(vip)) { return false; }
        Freeze(vip, life);
        return true;
    }

    internal bool ReleaseFrozen(int vip)
    {
        if (!HasHeld(vip)) { return false; }
        Release(vip);
        return true;
    }

    internal void Unfreeze(int vip)
    {
        CountGap(vip);
        _vips[vip].Frozen = default;
    }

    internal void Release(int vip)
    {
        CountGap(vip);
        _accepted[vip] = AcceptedUntil(vip);
        _vips[vip] = default;
    }

    internal void Claim(int vip, TimeSpan life) => _vips[vip].Claim = End(life);

    internal void DropClaim(int vip) => _vips[vip].Claim = default;

    internal void Permit(int vip, TimeSpan life) => _vips[vip].Permit = End(life);

    internal bool Commit(int vip, CommitKind kind, ulong incarnation, TimeSpan lease)
    {
        ref Elements elements = ref _vips[vip];
        TimeSpan replaced = kind == CommitKind.Acquire ? elements.Claim : elements.Lease;
        if (world.Mutation != Mutation.CommitIsUnconditional && (elements.Permit <= Now || replaced <= Now)) { return false; }
        _accepted[vip] = AcceptedUntil(vip);
        CountGap(vip);
        elements = new() { Lease = End(lease), Incarnation = incarnation, Frozen = kind == CommitKind.Renew ? elements.Frozen : default };
        return true;
    }

    private bool HasHeld(int vip) => _vips[vip].Frozen > Now || world.Mutation == Mutation.FreezeIsUnconditional;

    /// <summary>The freeze ran out while the lease lived.</summary>
    private bool IsTorn(int vip) => _vips[vip].Frozen > TimeSpan.Zero && _vips[vip].Frozen <= Now && _vips[vip].Frozen < _vips[vip].Lease;

    private void CountGap(int vip)
    {
        if (!IsTorn(vip)) { return; }
        _gaps[vip]++;
        _vips[vip].Frozen = default;
    }

    private TimeSpan Now => node.Local(world.Time.Now);

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private TimeSpan End(TimeSpan life) =>
        Now + life + TimeSpan.FromTicks((long)(ClusterTimings.KernelLateness.Ticks * world.Random.NextDouble()));

    private struct Elements
    {
        internal TimeSpan Lease;
        internal TimeSpan Claim;
        internal TimeSpan Permit;
        internal TimeSpan Frozen;
        internal ulong Incarnation;
    }
}

/// <summary>A process's way to its node's kernel: before and after each call the process may stand still.</summary>
internal sealed class KernelEdge(SimulatedWorld world, SimulatedProcess process) : IVipKernel
{
    private SimulatedKernel Kernel => process.Node.Kernel;

    public bool Release(int vip) => Call(() => Kernel.Release(vip));

    public bool Claim(int vip, TimeSpan life) => Call(() => Kernel.Claim(vip, life));

    public bool DropClaim(int vip) => Call(() => Kernel.DropClaim(vip));

    public bool Permit(int vip, TimeSpan life) => Call(() => Kernel.Permit(vip, life));

    public bool Commit(int vip, CommitKind kind, ulong incarnation, TimeSpan lease)
    {
        process.MayPause();
        TimeSpan lastOwned = kind == CommitKind.Acquire ? world.LastOwned(vip) : TimeSpan.Zero;
        bool done = !Kernel.Refuses() && Kernel.Commit(vip, kind, incarnation, lease);
        if (world.Tracing && !done) { world.Trace(process.Node, $"commit {kind} refused"); }
        if (done && kind == CommitKind.Acquire) { world.Armed(process.Node, vip, lastOwned); }
        process.MayPause();
        return done;
    }

    public void SendProbe(int vip)
    {
        process.MayPause();
        world.Service.Probe(process, vip);
        process.MayPause();
    }

    public void SendPeerProbe(NodeId peer)
    {
        process.MayPause();
        world.Service.PeerProbe(process, peer);
    }

    public void Announce(int vip)
    {
        process.MayPause();
        world.Service.Announce(process, vip);
    }

    public bool HoldNew(int vip, TimeSpan life)
    {
        process.MayPause();
        return true;
    }

    public bool Freeze(int vip, TimeSpan life) => Call(() => Kernel.Freeze(vip, life));

    public bool KeepFrozen(int vip, TimeSpan life) => Call(() => Kernel.KeepFrozen(vip, life));

    public bool ReleaseFrozen(int vip) => Call(() => Kernel.ReleaseFrozen(vip));

    public bool Unfreeze(int vip) => Call(() => Kernel.Unfreeze(vip));

    public void PassOnNew(int vip, NodeId owner) => process.MayPause();

    public void PassOn(int vip, NodeId? owner) => process.MayPause();

    private bool Call(Action act) => Call(() =>
    {
        act();
        return true;
    });

    private bool Call(Func<bool> act)
    {
        process.MayPause();
        bool done = !Kernel.Refuses() && act();
        if (world.Tracing && !done) { world.Trace(process.Node, "the kernel refuses"); }
        process.MayPause();
        return done;
    }
}
