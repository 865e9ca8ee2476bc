using System;
using System.Threading.Tasks;

namespace ExchangeLb.Clustering;

/// <summary>How it ends: in order, VIPs first.</summary>
internal sealed partial class ClusterNode
{
    /// <summary>Hands the VIPs over, or gives them up, and asks for none any more; ends when that is done, after 21 s at the latest.</summary>
    public async Task LeaveAsync()
    {
        _moving?.Leave();
        if (_lease.Post(Leave))
        {
            TimeSpan started = _clock.Now;
            while (_clock.Now - started < LeaveWithin && !await HasLeftAsync().ConfigureAwait(false))
            {
                await Task.Delay(2).ConfigureAwait(false);
            }
            TimeSpan released = _clock.Now;
            while (_moving is { IsIdle: false } && _clock.Now - released < LetGoWithin)
            {
                await Task.Delay(2).ConfigureAwait(false);
            }
        }
    }

    /// <summary>VIPs first, then the engine, then the kernel's fence, then the guard.</summary>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync().ConfigureAwait(false);
        _guard?.SayEnding();
        await _reports.DisposeAsync().ConfigureAwait(false);
        _gathering.Dispose();
        _engine.Dispose();
        _replication.Dispose();
        _moving?.Dispose();
        _streams.Dispose();
        _recording?.Dispose();
        _lease.Dispose();
        _kernel.RemoveAll();
        _kernel.Dispose();
        _surroundings.Dispose();
        if (_guard is not null)
        {
            await _guard.DisposeAsync().ConfigureAwait(false);
        }
        await _hook.DisposeAsync().ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
    }

    private void Leave()
    {
        _listener.EndAllKept();
        _node.Leave();
    }

    private async Task<bool> HasLeftAsync()
    {
        TaskCompletionSource<bool> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            return !_lease.Post(() => answer.SetResult(_node.HasLeft && _fitness.HasCleared)) || await answer.Task.WaitAsync(LeaseAnswersWithin).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return true; // the lease thread does not answer: what it holds runs out by itself
        }
    }
}
