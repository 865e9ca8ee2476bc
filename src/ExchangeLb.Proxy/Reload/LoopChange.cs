using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Proxy.Listening;

namespace ExchangeLb.Proxy.Reload;

/// <summary>What every loop gets of a new configuration, and who waits until they all have it.</summary>
internal sealed class LoopChange(RunningProxies proxies, BindSet binds, int loops)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = loops;

    public RunningProxies Proxies { get; } = proxies;
    public BindSet Binds { get; } = binds;

    /// <summary>No loop begins a session with the configuration before any more.</summary>
    public Task EverywhereDone => _all.Task;

    /// <summary>A loop has it, or has ended.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
        {
            _all.TrySetResult();
        }
    }
}
