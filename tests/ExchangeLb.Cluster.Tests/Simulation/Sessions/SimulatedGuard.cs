using System;
using System.IO;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Proxy.Recording;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>
/// A node's guard as the keeper of what is recorded of its balancer's sessions: the program's <see cref="KeptRecords"/>, and the file that it writes once that
/// one is dead and fenced. A balancer greets it soon after its start; it is answered when the guard has done with the former one, and takes the file then.
/// </summary>
internal sealed class SimulatedGuard(SimulatedWorld world, SimulatedNode node)
{
    /// <summary>Sessions; with three VIPs a node may have more.</summary>
    private const int Capacity = 20;

    private readonly KeptRecords _kept = new(Capacity);
    private SessionPart? _watched;
    private SessionPart? _dead;
    private TimeSpan _diedAt;
    private (byte[] Records, int StateFolder)? _file;

    /// <summary>It has answered this balancer, and keeps what it is told by it.</summary>
    internal bool Watches(SessionPart balancer) => _watched == balancer;

    internal void GreetedBy(SessionPart balancer) =>
        world.Time.After(WireNoise.Ms(1 + (30 * world.Random.NextDouble())), () => balancer.Do(() => Answer(balancer)));

    /// <returns>False: it did not take this at once.</returns>
    internal bool Keep(SessionPart balancer, ReadOnlySpan<byte> records)
    {
        if (_watched != balancer) { return true; }
        if (!world.IsQuiet && world.Random.Next(100) == 0) { return false; }
        _kept.Take(records, node.Clock);
        return true;
    }

    /// <summary>Not waited for, so it may be lost.</summary>
    internal void Forget(SessionPart balancer, UInt128 address)
    {
        if (_watched == balancer && world.Random.Next(20) != 0) { _kept.Forget(address); }
    }

    /// <param name="guarded">False: the guard has ended, too, or the balancer said that it ends in order.</param>
    internal void Ended(SessionPart balancer, bool guarded)
    {
        if (guarded)
        {
            (_dead, _diedAt) = (balancer, world.Time.Now);
            return;
        }
        (_dead, _watched) = (null, null);
        _kept.Clear();
    }

    internal void Released(SessionPart balancer)
    {
        if (!IsBusyWith(balancer)) { return; }
        _dead = null;
        if (_watched != balancer) { return; }
        _file = null;
        if (_kept.Count > 0)
        {
            using MemoryStream file = new();
            _kept.Write(file, node.Clock);
            _file = (file.ToArray(), node.StateFolder);
        }
        _watched = null;
        _kept.Clear();
    }

    private bool IsBusyWith(SessionPart? balancer) => _dead is not null && _dead == balancer && _diedAt >= node.BootedAt;

    private void Answer(SessionPart balancer)
    {
        if (IsBusyWith(_dead))
        {
            GreetedBy(balancer);
            return;
        }
        if (_file is { } file && file.StateFolder == node.StateFolder) { balancer.Recording.TakeLeft(file.Records); }
        _file = null;
        _kept.Clear();
        _watched = balancer;
        balancer.Recording.KeeperCame();
        if (world.Random.Next(10) == 0) { world.Time.After(TimeSpan.FromSeconds(3 * world.Random.NextDouble()), () => Restart(balancer)); }
    }

    /// <summary>It dies, and another one is started: that one knows and holds nothing.</summary>
    private void Restart(SessionPart balancer)
    {
        if (_watched != balancer || _dead == balancer) { return; }
        if (world.Tracing) { world.Trace(node, "-- guard killed alone"); }
        _watched = null;
        _kept.Clear();
        balancer.KeeperLost();
        world.Time.After(WireNoise.Ms(100), () => GreetedBy(balancer));
    }
}
