using System;
using Xunit;

namespace ExchangeLb.Core.Tests;

/// <summary>Says how much a piece of code allocates on the heap of this thread, once it has run warm.</summary>
internal static class Allocation
{
    private const int Calls = 1000;

    /// <summary>Code that is compiled anew while it runs lets the runtime allocate on this thread once or twice; code that allocates does so in each round.</summary>
    private const int Rounds = 5;

    public static void AssertNone(Action action)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            least = Math.Min(least, AllocatedBy(action));
        }
        Assert.Equal(0, least);
    }

    private static long AllocatedBy(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++)
        {
            action();
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
