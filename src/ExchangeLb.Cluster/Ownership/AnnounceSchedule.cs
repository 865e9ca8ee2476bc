using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>When an owner announces: at once, after 100 ms, 500 ms, 1 s and 2 s (a switch or a client may miss the first), then every 10 s.</summary>
internal sealed class AnnounceSchedule
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] Offsets =
        [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    private TimeSpan _start;
    private int _done;

    internal TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

    internal void Start(TimeSpan now)
    {
        _start = now;
        _done = 0;
        Due = now;
    }

    internal void Stop() => Due = TimeSpan.MaxValue;

    internal void Announced(TimeSpan now)
    {
        _done++;
        Due = _done < Offsets.Length ? _start + Offsets[_done] : now + Period;
    }
}
