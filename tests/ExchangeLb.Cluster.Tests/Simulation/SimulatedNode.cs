using System;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Repair;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>One machine: a clock that runs at its own rate, a kernel, and the processes on it.</summary>
internal sealed class SimulatedNode
{
    private readonly SimulatedWorld _world;
    private readonly double _rate;
    private readonly TimeSpan _offset;
    private const ulong Begin = 1_800_000_000_000_000_000;
    /// <summary>Of incarnations, from one life to the next, unless the clock is set back.</summary>
    internal const ulong BetweenLives = 10_000_000_000;
    private const ulong SetBack = 3600_000_000_000;
    private const long BeginMs = (long)(Begin / 1_000_000);

    private ulong _wallClock = Begin;
    private ulong _lastIncarnation;
    private TimeSpan _lastTime = TimeSpan.MinValue;
    private TimeSpan _lastLocal;
    private TimeSpan _bootedLocal;

    internal SimulatedNode(SimulatedWorld world, NodeId id, double rate, TimeSpan offset, int vips)
    {
        (_world, Id, _rate, _offset) = (world, id, rate, offset);
        Kernel = new(world, this, vips);
        Model = world.Model;
    }

    internal NodeId Id { get; }

    /// <summary>As this node's file says now: VIPs that are not in it are marked as gone.</summary>
    internal ClusterModel Model { get; private set; }
    internal SimulatedKernel Kernel { get; private set; }
    internal SimulatedProcess? Process { get; private set; }
    internal bool IsUp { get; private set; } = true;
    internal bool Standby { get; set; }
    internal TimeSpan BootedAt { get; private set; }

    /// <summary>Rises when it is lost.</summary>
    internal int StateFolder { get; private set; }

    /// <summary>Both clocks of its kernel: the monotonic one begins with the boot, the other one may be set back.</summary>
    internal ImageClock Clock => new(
        Local(_world.Time.Now) - _bootedLocal,
        BeginMs + (long)_world.Time.Now.TotalMilliseconds - (StateFolder * (long)(SetBack / 1_000_000)));

    /// <summary>Asked for after every event, several times.</summary>
    internal TimeSpan Local(TimeSpan time)
    {
        if (time != _lastTime) { (_lastTime, _lastLocal) = (time, _offset + (time * _rate)); }
        return _lastLocal;
    }

    internal TimeSpan World(TimeSpan local) => local == TimeSpan.MaxValue ? local : (local - _offset) / _rate;

    internal void StartProcess()
    {
        if (!IsUp || Process is not null) { return; }
        _world.Judge.Disturbed();
        _wallClock += BetweenLives;
        _lastIncarnation = Math.Max(_wallClock, _lastIncarnation + 1);
        Process = new(_world, this, _lastIncarnation);
        Process.Start();
    }

    /// <summary>Another file; the balancer, if there is one, takes it over.</summary>
    internal void Reload(Func<ClusterModel, ClusterModel> change)
    {
        Model = change(Model);
        _world.Judge.Disturbed();
        Process?.Do(process => process.Reload());
    }

    /// <summary>kill -9 of the balancer. The kernel goes on; the guard, if there is one, notices.</summary>
    internal void KillProcess(bool guard)
    {
        if (Process is not { } process) { return; }
        Process = null;
        process.End(guard);
        if (guard) { _world.Time.After(WireNoise.Ms(2 + (20 * _world.Random.NextDouble())), () => GuardReleases(process)); }
    }

    internal void Exited(SimulatedProcess process)
    {
        if (Process != process) { return; }
        _world.Judge.Disturbed();
        Process = null;
        process.End(guarded: false);
    }

    /// <summary>Power off: nothing is left.</summary>
    internal void Crash()
    {
        if (!IsUp) { return; }
        IsUp = false;
        _world.Wire.Crash(Id);
        Process?.End(guarded: false);
        Process = null;
        Kernel = new(_world, this, _world.Model.Vips.Length);
    }

    /// <summary>An hour back, and with it goes what the node knows of its earlier lives: its state folder.</summary>
    internal void ForgetTime() => (_wallClock, _lastIncarnation, StateFolder) = (_wallClock - SetBack, 0, StateFolder + 1);

    internal void PowerOn()
    {
        if (!IsUp) { (BootedAt, _bootedLocal) = (_world.Time.Now, Local(_world.Time.Now)); }
        IsUp = true;
        StartProcess();
    }

    private void GuardReleases(SimulatedProcess ended)
    {
        if (!IsUp) { return; }
        if (_world.Wire.IsFrozen(Id))
        {
            _world.Time.After(WireNoise.Ms(10), () => GuardReleases(ended));
            return;
        }
        for (int vip = 0; vip < _world.Model.Vips.Length; vip++)
        {
            if (_world.Mutation != Mutation.GuardLies && Kernel.LeaseOf(vip) == ended.Incarnation) { Kernel.Release(vip); }
            _world.GuardSays(this, vip, ended.Incarnation);
        }
        foreach (ISimulatedPart part in ended.Parts) { part.GuardReleased(); }
    }
}
