using System;
using ExchangeLb.Cluster.Tests.Engine.Simulated;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>A thread of a process beside its lease thread: what others post to it happens in order, a moment later.</summary>
internal sealed class SimulatedThread(SimulatedWorld world, SimulatedProcess process)
{
    private TimeSpan _last;

    internal void Post(Action action)
    {
        TimeSpan at = world.Time.Now + WireNoise.Ms(1.5 * world.Random.NextDouble());
        _last = at > _last ? at : _last;
        world.Time.At(_last, () => process.Do(_ => action()));
    }
}
