using System;
using ExchangeLb.Linux.Clocks;

namespace ExchangeLb.Linux.Repair;

/// <summary>
/// A moment of this host, by two clocks: the monotonic one stands still while a virtual machine is paused, the other may be set. Moments of
/// different hosts are never compared; an encoded image carries its age.
/// </summary>
public readonly record struct ImageClock(TimeSpan Monotonic, long UnixMs)
{
    /// <summary>Timestamps are compared within half of their circle, 24.8 days of milliseconds (RFC 7323, 5.2): a clock that was set by years must not turn one round.</summary>
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(10);

    public static ImageClock Now => new(KernelClock.Monotonic, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    /// <summary>How long ago it was, rather too long than too short: 0 to 10 days.</summary>
    public TimeSpan AgeAt(ImageClock now)
    {
        TimeSpan byMonotonic = now.Monotonic - Monotonic;
        var byWall = TimeSpan.FromMilliseconds(Math.Clamp(now.UnixMs - UnixMs, 0, (long)LongestAge.TotalMilliseconds));
        TimeSpan longer = byMonotonic > byWall ? byMonotonic : byWall;
        return longer < LongestAge ? longer : LongestAge;
    }

    /// <summary>The moment so long before this one.</summary>
    public ImageClock Before(TimeSpan age) => new(Monotonic - age, UnixMs - (long)age.TotalMilliseconds);
}
