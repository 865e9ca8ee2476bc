using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>All loops end their sessions of some addresses without a packet; the last one to be through says so. Shared by the loops.</summary>
internal sealed class AbandonOrder(LocalAddresses at, int loops)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loopsLeft = loops;

    public LocalAddresses At => at;

    public Task Done => _done.Task;

    public void LoopIsThrough()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            _done.TrySetResult();
        }
    }
}
