using System;
using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Clustering;

/// <summary>Writes the events to their file behind whoever makes them: the lease thread does not wait for a disk. Several at once are one write.</summary>
/// <param name="events">All that shall be in the file, the newest last. Any thread.</param>
/// <param name="failed">Told once why they can't be kept.</param>
internal sealed class EventKeeper(EventFile file, Func<ImmutableArray<ClusterEvent>> events, Action<string> failed) : IAsyncDisposable
{
    private readonly SemaphoreSlim _happened = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private bool _hasFailed;

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Any thread; never waits.</summary>
    public void Wake()
    {
        try
        {
            _happened.Release();
        }
        catch (SemaphoreFullException)
        {
            // a write that takes this event along is due already
        }
        catch (ObjectDisposedException)
        {
            // the last write has been made
        }
    }

    /// <summary>With the last events.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        Write();
        _stop.Dispose();
        _happened.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _happened.WaitAsync(_stop.Token).ConfigureAwait(false);
                Write();
            }
        }
        catch (OperationCanceledException)
        {
            // the node ends
        }
    }

    private void Write()
    {
        if (file.Write(events()) is { } problem && !_hasFailed)
        {
            _hasFailed = true;
            failed(problem);
        }
    }
}
