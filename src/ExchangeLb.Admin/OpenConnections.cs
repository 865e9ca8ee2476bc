using System.Threading;
using System.Threading.Tasks;

namespace ExchangeLb.Admin;

/// <summary>Counts connections that are being served, up to a limit, and tells when the last is gone. Any thread may call.</summary>
/// <param name="limit">How many may be open at once.</param>
internal sealed class OpenConnections(int limit)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private bool _closing;
    private long _refusedTotal;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Connections that found the limit reached, or came too late.</summary>
    public long RefusedTotal => Volatile.Read(ref _refusedTotal);

    /// <summary>False: this one must not be served.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_closing || _count >= limit)
            {
                _refusedTotal++;
                return false;
            }
            _count++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _count--;
            CompleteWhenEmpty();
        }
    }

    /// <summary>Lets none in any more; completes when all have left.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closing = true;
            CompleteWhenEmpty();
        }
        return _empty.Task;
    }

    private void CompleteWhenEmpty()
    {
        if (_closing && _count == 0)
        {
            _empty.TrySetResult();
        }
    }
}
