using System;

namespace ExchangeLb.Cluster.Fitness;

/// <summary>
/// Whether the data path lives: loops are nudged, and one that has not turned since for <see cref="Limit"/> is taken for hung.
/// Time during which the watcher itself did not run (a pause of the machine) is not held against them. Owner: the lease thread.
/// </summary>
public sealed class LoopWatch(TimeSpan limit)
{
    private TimeSpan _lastLook = TimeSpan.MinValue;
    private TimeSpan _silent;

    public TimeSpan Limit => limit;

    /// <param name="turned">All loops have turned since the last nudge.</param>
    /// <returns>False: a loop hangs.</returns>
    public bool Observe(bool turned, TimeSpan now)
    {
        TimeSpan passed = _lastLook == TimeSpan.MinValue ? TimeSpan.Zero : now - _lastLook;
        _lastLook = now;
        _silent = turned ? TimeSpan.Zero : _silent + (passed < limit / 2 ? passed : limit / 2);
        return _silent < limit;
    }
}
