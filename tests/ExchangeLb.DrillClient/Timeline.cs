using System;
using System.Diagnostics;

namespace ExchangeLb.DrillClient;

/// <summary>Microseconds on the monotonic clock since the client began; all that is recorded is on this scale.</summary>
internal sealed class Timeline
{
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly DateTime _originWall = DateTime.UtcNow;

    internal long NowUs => (long)Stopwatch.GetElapsedTime(_origin).TotalMicroseconds;

    /// <summary>A moment that another process read from the wall clock of this same machine; right as long as that clock is not set meanwhile.</summary>
    /// <param name="unixSeconds">With fractions, as bash's EPOCHREALTIME.</param>
    internal long FromUnix(decimal unixSeconds) => (long)(DateTime.UnixEpoch.AddTicks((long)(unixSeconds * TimeSpan.TicksPerSecond)) - _originWall).TotalMicroseconds;
}
