using System;
using System.Collections.Immutable;
using System.Diagnostics;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Stats;

/// <summary>The share of the last second that the loops waited. Owner: the control thread; read by others.</summary>
internal sealed class IdleMeter(ImmutableArray<EventLoop> loops)
{
    private long _lastIdle;
    private long _lastTicks = Stopwatch.GetTimestamp();

    /// <summary>0..100, the mean over the loops.</summary>
    public int Percent { get; private set; } = 100;

    public void Sample()
    {
        long now = Stopwatch.GetTimestamp();
        long idle = 0;
        foreach (EventLoop loop in loops)
        {
            idle += loop.IdleTicks(now);
        }
        long passed = (now - _lastTicks) * loops.Length;
        if (passed > 0)
        {
            Percent = (int)Math.Clamp((idle - _lastIdle) * 100 / passed, 0, 100);
        }
        _lastIdle = idle;
        _lastTicks = now;
    }
}
