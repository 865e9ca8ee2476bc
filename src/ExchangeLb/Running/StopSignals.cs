using System;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Linux.Process;
using ExchangeLb.Messages;
using ExchangeLb.Proxy;

namespace ExchangeLb.Running;

/// <summary>
/// What signals mean to a running balancer (management.txt, 4): SIGTERM and SIGINT stop at once, SIGUSR1 once the last session has ended,
/// SIGHUP reloads (as a HAProxy's master does), SIGUSR2 must not kill it. Handlers run on a thread of the runtime's.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly LoadBalancer _balancer;
    private readonly Func<Task> _beforeSoftStop;
    private readonly PosixSignalRegistration[] _registrations;
    private int _endedBy;

    /// <param name="beforeSoftStop">Ends when listeners may be closed: what new clients come to has moved away.</param>
    public StopSignals(LoadBalancer balancer, Reloading reloading, StartMessages messages, Func<Task> beforeSoftStop)
    {
        _balancer = balancer;
        _beforeSoftStop = beforeSoftStop;
        _registrations =
        [
            Register(Signal.SIGTERM, () => StopAtOnce(Signal.SIGTERM)),
            Register(Signal.SIGINT, () => StopAtOnce(Signal.SIGINT)),
            Register(Signal.SIGUSR1, () => Task.Run(StopSoftlyAsync)),
            Register(Signal.SIGHUP, () => Task.Run(reloading.Reload)),      // it may take a moment: other signals must not wait
            Register(Signal.SIGUSR2, () => messages.Warning("SIGUSR2: there is no master process that could start another worker; SIGHUP reloads.")),
            Register(Signal.SIGQUIT, ReleaseMemory),
        ];
    }

    /// <summary>The process is to end.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>The signal that ended it at once; null after a soft stop.</summary>
    public Signal? EndedBy => _endedBy == 0 ? null : (Signal)_endedBy;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
        _end.Dispose();
    }

    private static PosixSignalRegistration Register(Signal signal, Action act) =>
        PosixSignalRegistration.Create((PosixSignal)(int)signal, context =>
        {
            context.Cancel = true; // instead of the default action
            act();
        });

    private void StopAtOnce(Signal signal)
    {
        if (Interlocked.CompareExchange(ref _endedBy, (int)signal, 0) == 0)
        {
            _end.Cancel();
        }
    }

    private async Task StopSoftlyAsync()
    {
        await _beforeSoftStop().ConfigureAwait(false);
        _balancer.StopSoftly();
        _ = _balancer.Completion.ContinueWith(
            _ => _end.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>HAProxy empties its pools; we give back to the system what can be spared.</summary>
    private static void ReleaseMemory() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
