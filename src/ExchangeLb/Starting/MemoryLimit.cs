using System;

namespace ExchangeLb.Starting;

/// <summary>
/// -m. HAProxy limits the address space; a managed runtime reserves hundreds of gigabytes of it without using them, so here the limit
/// is on the managed heap. What lives outside it is bounded by the configuration: stick tables by `size`, buffers by threads.
/// </summary>
internal static class MemoryLimit
{
    private const long MiB = 1024 * 1024;

    /// <returns>False when the heap is already larger than that, or the limit is smaller than the runtime takes.</returns>
    public static bool Apply(int mebibytes)
    {
        AppContext.SetData("GCHeapHardLimit", (ulong)(mebibytes * MiB));
        try
        {
            GC.RefreshMemoryLimit();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
