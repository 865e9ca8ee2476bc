using System;

namespace ExchangeLb.Bench.Kernel;

/// <summary>A connection failed, an answer was wrong, a proxy died or stalled: this run counts as failed, with the reason in the message.</summary>
internal sealed class BrokenRunException(string reason) : Exception(reason)
{
    internal static BrokenRunException OfSystemCall(string what, int error) =>
        new($"{what}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)} (errno {error})");
}
