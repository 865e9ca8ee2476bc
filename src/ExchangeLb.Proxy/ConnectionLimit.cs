using System;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Proxy;

/// <summary>How many connections the descriptor limit leaves room for when `maxconn` is not set (configuration.txt, 3.2 `maxconn`).</summary>
internal static class ConnectionLimit
{
    /// <summary>Descriptors kept for listeners, checks, logs, stats and the runtime.</summary>
    private const long Reserved = 128;

    /// <summary>Two a session. Pipes of bulk streams come on top: when there is no descriptor for one, the stream is copied.</summary>
    private const long DescriptorsPerSession = 2;
    private const long Smallest = 16;
    private const long Largest = 1_000_000;

    public static int FromDescriptors()
    {
        ulong limit = DescriptorLimit.Read().Soft;
        long usable = (long)Math.Min(limit, long.MaxValue / 2) - Reserved;
        return (int)Math.Clamp(usable / DescriptorsPerSession, Smallest, Largest);
    }
}
