using System;

namespace ExchangeLb.Admin.Commands;

/// <summary>What a runtime socket allows.</summary>
internal static class CommandLimits
{
    /// <summary>One line, in bytes, its end included (HAProxy: tune.bufsize); a longer one ends the connection.</summary>
    public const int LineBytes = 16384;

    /// <summary>Words of one command (HAProxy: 64).</summary>
    public const int Words = 64;

    /// <summary>An answer is sent on once it has grown to this.</summary>
    public const int FlushBytes = 32768;

    /// <summary>Conditions on `data.` in one `show table` or `clear table` (HAProxy: 4).</summary>
    public const int DataFilters = 4;

    /// <summary>Clients waiting to be accepted, per socket.</summary>
    public const int Backlog = 64;

    /// <summary>A change of the cluster ends after 10 s by itself; a node that is still silent then has a fault.</summary>
    public static TimeSpan ClusterOrder { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause after an accept that failed for want of descriptors.</summary>
    public static TimeSpan AcceptPause { get; } = TimeSpan.FromMilliseconds(100);
}
