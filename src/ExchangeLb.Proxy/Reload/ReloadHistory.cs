using System;
using System.Threading;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Proxy.Reload;

/// <summary>How often the configuration was replaced, and what became of the last attempt. Written and read by any thread.</summary>
internal sealed class ReloadHistory
{
    private long _total;
    private volatile ReloadSnapshot? _last;

    /// <summary>Reloads that were carried out.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Null: none was tried.</summary>
    public ReloadSnapshot? Last => _last;

    public void Note(bool done, string result)
    {
        if (done)
        {
            Interlocked.Increment(ref _total);
        }
        _last = new ReloadSnapshot(DateTimeOffset.UtcNow, done, result);
    }
}
