using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.DrillClient.Figures;

/// <summary>The longest time in which no new connection was served. Without a fault it is the interval of the probes and what the machine adds.</summary>
internal readonly record struct Outage(long FromUs, long ToUs)
{
    internal long LengthUs => ToUs - FromUs;

    /// <summary>Between two TLS handshakes that came to their end, the next one's end included; the borders of the span count as such ends.</summary>
    internal static Outage Longest(IEnumerable<Probe> probes, long fromUs, long toUs)
    {
        Outage longest = new(fromUs, fromUs);
        long last = fromUs;
        foreach (long end in probes.Where(probe => probe.Served).Select(probe => probe.HandshakenUs).Where(end => end > fromUs && end < toUs).Order().Append(toUs))
        {
            if (end - last > longest.LengthUs) { longest = new(last, end); }
            last = Math.Max(last, end);
        }
        return longest;
    }
}
