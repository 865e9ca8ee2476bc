using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Loops;

/// <summary>All loops end the sessions of some addresses; the last one to be through says so. Shared by the loops.</summary>
internal sealed class CutOrder(LocalAddresses at, int loops)
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
