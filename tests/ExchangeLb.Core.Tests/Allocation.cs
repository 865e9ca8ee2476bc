using System;
using Xunit;

namespace ExchangeLb.Core.Tests;

/// <summary>Says how much a piece of code allocates on the heap of this thread, once it has run warm.</summary>
internal static class Allocation
{
    public static void AssertNone(Action action)
    {
        for (int i = 0; i < 200; i++)
        {
            action();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            action();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
