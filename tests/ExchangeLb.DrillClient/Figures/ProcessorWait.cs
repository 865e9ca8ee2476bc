using System;
using System.Collections.Generic;
using System.Linq;

namespace ExchangeLb.DrillClient.Figures;

/// <summary>In this span somebody who takes part in a drill wanted to run, and had to wait for a processor for so long.</summary>
internal readonly record struct ProcessorWait(long FromUs, long ToUs, long WaitedUs)
{
    /// <summary>What such waits can have added to what happened between two moments; never more than lies between them.</summary>
    internal static long Within(IEnumerable<ProcessorWait> waits, long fromUs, long toUs) =>
        Math.Min(Math.Max(0, toUs - fromUs), waits.Sum(wait => Math.Clamp(Math.Min(wait.ToUs, toUs) - Math.Max(wait.FromUs, fromUs), 0, wait.WaitedUs)));
}
