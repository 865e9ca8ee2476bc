using System;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>All loops end their sessions of some addresses without a packet; the last one to be through says so. Shared by the loops.</summary>
/// <param name="address">The one that <paramref name="at"/> has.</param>
/// <param name="tell">Told of each before it ends.</param>
internal sealed class AbandonOrder(UInt128 address, LocalAddresses at, int loops, TellRecords tell)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loopsLeft = loops;

    public LocalAddresses At => at;

    /// <summary>For what one loop tells in a turn.</summary>
    public RecordBatch NewBatch() => new(address, incarnation: 0, tell);

    public Task Done => _done.Task;

    public void LoopIsThrough()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            _done.TrySetResult();
        }
    }
}
