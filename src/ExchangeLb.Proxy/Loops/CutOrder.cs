using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Loops;

/// <summary>All loops end the sessions of some addresses; the last one to be through says so. Shared by the loops.</summary>
/// <param name="late">They are reset, past the fence.</param>
internal sealed class CutOrder(LocalAddresses at, int loops, bool late)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _loopsLeft = loops;

    public LocalAddresses At => at;

    public bool IsLate => late;

    public Task Done => _done.Task;

    public void LoopIsThrough()
    {
        if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            _done.TrySetResult();
        }
    }
}
