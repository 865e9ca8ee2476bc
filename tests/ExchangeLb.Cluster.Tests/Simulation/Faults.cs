using System;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>Everything that may go wrong, each drawn and undone again.</summary>
/// <param name="vipsChange">Reloads may add VIPs and take them away.</param>
internal sealed class Faults(SimulatedWorld world, bool vipsChange = false)
{
    private static readonly TimeSpan LongestElsewhere = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(3);
    private static readonly double[] PausesMs = [3, 8, 15, 30, 60, 120, 250, 450, 800, 2000];

    private Random Random => world.Random;

    /// <summary>Something bad begins now and ends by itself after about so long.</summary>
    internal void Draw(TimeSpan length)
    {
        SimulatedNode node = world.Nodes[Random.Next(world.Nodes.Length)];
        switch (Random.Next(vipsChange ? 28 : 24))
        {
            case 0: CutCluster(node, length, both: true); break;
            case 1: CutCluster(node, length, both: false); break;
            case 2: CutService(node, length, both: true, carrier: Random.Next(2) == 0); break;
            case 3: CutService(node, length, both: false, carrier: true); break;
            case 4: Isolate(node, length); break;
            case 5: Crash(node, length); break;
            case 6: Kill(node, guard: true, length); break;
            case 7: Kill(node, guard: false, length); break;
            case 8:
            case 9:
            case 10: PauseInCall(node); break;
            case 11: Stop(node); break;
            case 12: Freeze(node); break;
            case 13: RestartEngine(node); break;
            case 14: Flush(node); break;
            case 15: Unfit(node, length); break;
            case 16: Standby(node, length); break;
            case 17:
            case 18: HandOver(node); break;
            case 19: Refuse(node); break;
            case 20: UseElsewhere(length); break;
            case 21:
            case 22: Reload(); break;
            case >= 24: ReloadVips(node); break;
            default: Leave(node, length); break;
        }
    }

    internal void CutCluster(SimulatedNode node, TimeSpan length, bool both)
    {
        Note(node, both ? "cluster link cut" : "cluster link cut one way");
        // Where the engines use both networks, the loss of one is nothing that they notice.
        if (world.Plan.Redundant) { return; }
        bool outward = both || Random.Next(2) == 0;
        SetCluster(node, cut: true, outward, both || !outward);
        world.Time.After(length, () => SetCluster(node, cut: false, true, true));
    }

    internal void CutService(SimulatedNode node, TimeSpan length, bool both, bool carrier)
    {
        Note(node, $"service link cut{(both ? "" : " one way")}{(carrier ? "" : ", carrier lost")}");
        bool outward = both || Random.Next(2) == 0;
        SetService(node, cut: true, outward, both || !outward);
        if (!carrier) { SetLink(node, false); }
        world.Time.After(length, () =>
        {
            SetService(node, cut: false, true, true);
            if (!carrier) { SetLink(node, true); }
        });
    }

    internal void Isolate(SimulatedNode node, TimeSpan length)
    {
        Note(node, "cut off from both networks");
        SetService(node, cut: true, true, true);
        SetCluster(node, cut: true, true, true);
        world.Time.After(length, () => SetService(node, cut: false, true, true));
        world.Time.After(length + WireNoise.Ms((Random.NextDouble() - 0.5) * Math.Min(length.TotalMilliseconds, 400)), () => SetCluster(node, cut: false, true, true));
    }

    internal void Crash(SimulatedNode node, TimeSpan length)
    {
        Note(node, "power off");
        node.Crash();
        world.Time.After(length, () =>
        {
            Note(node, "power on");
            MayForgetTime(node);
            node.PowerOn();
        });
    }

    internal void Kill(SimulatedNode node, bool guard, TimeSpan length)
    {
        Note(node, guard ? "balancer killed" : "balancer and guard killed");
        node.KillProcess(guard);
        world.Time.After(length * Random.NextDouble(), () =>
        {
            Note(node, "balancer started");
            MayForgetTime(node);
            node.StartProcess();
        });
    }

    internal void PauseInCall(SimulatedNode node) => node.Process?.PauseAt(Random.Next(30), Pause());

    internal void Stop(SimulatedNode node)
    {
        TimeSpan pause = Pause();
        Note(node, $"balancer stopped for {pause.TotalMilliseconds} ms");
        node.Process?.Stop(pause);
    }

    internal void Freeze(SimulatedNode node) => Freeze(node, Pause());

    internal void Freeze(SimulatedNode node, TimeSpan pause)
    {
        Note(node, $"balancer, guard and engine stopped for {pause.TotalMilliseconds} ms");
        if (world.Wire.IsFrozen(node.Id)) { return; }
        world.Wire.Freeze(node.Id, true);
        node.Process?.Stop(pause);
        world.Time.After(pause, () =>
        {
            Note(node, "balancer, guard and engine go on");
            world.Wire.Freeze(node.Id, false);
        });
    }

    internal void RestartEngine(SimulatedNode node)
    {
        Note(node, "engine killed");
        node.Process?.RestartEngine();
    }

    internal void Flush(SimulatedNode node)
    {
        Note(node, "rules flushed");
        node.Kernel.Flush();
        if (Random.Next(2) == 0) { node.Process?.Do(process => process.Ownership.RulesFlushed()); }
    }

    internal void Unfit(SimulatedNode node, TimeSpan length)
    {
        int vip = Random.Next(world.Model.Vips.Length);
        NodeFitness fit = world.FitnessOf(node, vip);
        world.SetFitness(node, vip, Random.Next(2) == 0 ? fit with { Reached = Random.Next(3) } : fit with { Serving = false });
        world.Time.After(length, () => world.SetFitness(node, vip, world.FitnessOf(node, vip) with { Reached = 3, Serving = true }));
    }

    internal void Standby(SimulatedNode node, TimeSpan length)
    {
        SetStandby(node, true);
        world.Time.After(length, () => SetStandby(node, false));
    }

    internal void HandOver(SimulatedNode node)
    {
        int vip = Random.Next(world.Model.Vips.Length);
        Note(node, $"told to hand vip {vip} over");
        foreach (SimulatedNode any in world.Nodes) { any.Process?.Do(process => { if (process.Knows(vip)) { process.Ownership.HandOver(vip, null, out _); } }); }
    }

    internal void Refuse(SimulatedNode node)
    {
        node.Kernel.Refusals = Random.Next(1, 12);
        Note(node, $"the kernel refuses {node.Kernel.Refusals} calls");
    }

    /// <summary>Not for so long that it outlasts the story.</summary>
    internal void UseElsewhere(TimeSpan length)
    {
        int vip = Random.Next(world.Model.Vips.Length);
        Note(null, $"a foreign host uses vip {vip}");
        world.Service.UseElsewhere(vip, length < LongestElsewhere ? length : LongestElsewhere);
    }

    /// <summary>Other priorities, other preferences, with preemption or without.</summary>
    internal void Reload()
    {
        ClusterModel model = world.Model;
        model = model with
        {
            Nodes = [.. model.Nodes.Select(node => node with { Priority = Random.Next(3) * 50 })],
            Vips = [.. model.Vips.Select(vip => vip with { Prefer = Random.Next(3) == 0 ? [model.Nodes[Random.Next(model.Nodes.Length)].Name] : [] })],
            PreemptDelay = Random.Next(2) == 0 ? null : TimeSpan.FromMilliseconds(Random.Next(2) * 500),
        };
        Note(null, $"reload: priorities {string.Join(' ', model.Nodes.Select(node => node.Priority))}, preemption {model.PreemptDelay?.ToString() ?? "none"}");
        world.Reload(model);
    }

    /// <summary>A VIP comes or goes, on this node first, on the others later, or not at all: their file is forgotten.</summary>
    internal void ReloadVips(SimulatedNode first)
    {
        int vip = Random.Next(world.Model.Vips.Length);
        bool gone = !first.Model.Vips[vip].IsGone;
        foreach (SimulatedNode node in world.Nodes)
        {
            if (node == first) { ReloadVip(node, vip, gone); }
            else if (Random.Next(4) > 0) { world.Time.After(LongestLag * Random.NextDouble(), () => ReloadVip(node, vip, gone)); }
        }
    }

    internal void ReloadVip(SimulatedNode node, int vip, bool gone)
    {
        Note(node, $"reload {(gone ? "without" : "with")} vip {vip}");
        node.Reload(own => own with { Vips = own.Vips.SetItem(vip, own.Vips[vip] with { IsGone = gone }) });
    }

    internal void Leave(SimulatedNode node, TimeSpan length)
    {
        Note(node, "balancer told to end");
        node.Process?.Leave();
        world.Time.After(length, () =>
        {
            Note(node, "balancer started");
            node.StartProcess();
        });
    }

    /// <summary>All that is broken is whole again, and all that was ended runs.</summary>
    internal void EndAll()
    {
        Note(null, "all faults end");
        foreach (SimulatedNode node in world.Nodes)
        {
            SetCluster(node, cut: false, true, true);
            SetService(node, cut: false, true, true);
            world.Wire.Freeze(node.Id, false);
            node.Kernel.Refusals = 0;
            if (node.IsUp) { node.StartProcess(); }
            else { node.PowerOn(); }
            SetStandby(node, false);
            for (int vip = 0; vip < world.Model.Vips.Length; vip++) { world.SetFitness(node, vip, new(true, true, 3)); }
        }
    }

    private TimeSpan Pause() => WireNoise.Ms(PausesMs[Random.Next(PausesMs.Length)] * (0.5 + Random.NextDouble()));

    /// <summary>Before a node's next life, now and then.</summary>
    private void MayForgetTime(SimulatedNode node)
    {
        if (Random.Next(3) != 0) { return; }
        Note(node, "clock set back, state folder lost");
        node.ForgetTime();
    }

    private void SetStandby(SimulatedNode node, bool standby)
    {
        Note(node, $"standby {standby}");
        node.Standby = standby;
        node.Process?.Do(process => process.Ownership.SetStandby(standby));
    }

    private void SetLink(SimulatedNode node, bool up)
    {
        for (int vip = 0; vip < world.Model.Vips.Length; vip++) { world.SetFitness(node, vip, world.FitnessOf(node, vip) with { LinkUp = up }); }
        if (up)
        {
            node.Process?.Do(process => { for (int vip = 0; vip < world.Model.Vips.Length; vip++) { if (process.Knows(vip)) { process.Ownership.AnnounceAgain(vip); } } });
        }
    }

    private void SetCluster(SimulatedNode node, bool cut, bool outward, bool inward)
    {
        world.Judge.Disturbed();
        foreach (SimulatedNode other in world.Nodes)
        {
            if (other == node) { continue; }
            if (outward) { world.Wire.Cut(node.Id, other.Id, cut); }
            if (inward) { world.Wire.Cut(other.Id, node.Id, cut); }
        }
    }

    private void SetService(SimulatedNode node, bool cut, bool outward, bool inward)
    {
        world.Judge.Disturbed();
        foreach (SimulatedNode other in world.Nodes)
        {
            if (other == node) { continue; }
            if (outward) { world.Service.Cut(node.Id, other.Id, cut); }
            if (inward) { world.Service.Cut(other.Id, node.Id, cut); }
        }
    }

    private void Note(SimulatedNode? node, string what)
    {
        world.Judge.Disturbed();
        if (world.Tracing) { world.Trace(node, $"-- {what}"); }
    }
}
