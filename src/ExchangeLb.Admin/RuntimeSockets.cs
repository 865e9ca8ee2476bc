using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Admin.Commands;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Admin;

/// <summary>
/// The `stats socket` listeners, on which administrators and their tools give commands (management.txt, 9.3). Files of unix
/// sockets stay behind when the program ends, as HAProxy's do; the next start replaces them.
/// </summary>
/// <param name="runtime">What commands act on; asked anew for each line, so that a reload may replace it.</param>
/// <param name="time">Measures the timeouts.</param>
/// <param name="report">Told of bugs that were survived, and when descriptors have run out.</param>
/// <param name="cluster">What the cluster commands act on, asked anew for each line; null, or giving null: this node has no cluster.</param>
public sealed class RuntimeSockets(
    Func<ILoadBalancerRuntime> runtime, TimeProvider time, Action<Diagnostic>? report = null, Func<IClusterRuntime?>? cluster = null)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _accepting = [];
    private OpenConnections _open = new(0);
    private SemaphoreSlim _places = new(0);

    /// <summary>Connections that are open now.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Opens all sockets of a configuration, once. Those that can be opened serve even when others cannot.</summary>
    public ImmutableArray<Diagnostic> Open(GlobalModel global)
    {
        ArgumentNullException.ThrowIfNull(global);
        var diagnostics = new DiagnosticList();
        int limit = Math.Max(1, global.StatsMaxConn);
        _open = new OpenConnections(limit);
        _places = new SemaphoreSlim(limit);
        foreach (StatsSocketModel model in global.StatsSockets)
        {
            if (RuntimeListener.Open(model, diagnostics) is { } listener)
            {
                _listeners.Add(listener);
                _accepting.Add(Task.Run(() => AcceptAsync(listener, model.Level, global.StatsTimeout)));
            }
        }
        return [.. diagnostics.Items];
    }

    /// <summary>Closes all sockets and waits until their connections have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (Socket listener in _listeners)
        {
            listener.Dispose();
        }
        await Task.WhenAll(_accepting).ConfigureAwait(false);
        await _open.CloseAsync().ConfigureAwait(false);
    }

    /// <summary>Beyond `stats maxconn` the kernel's queue holds clients until a place is free, as in HAProxy; one is held here, accepted.</summary>
    private async Task AcceptAsync(Socket listener, RuntimeLevel level, TimeSpan idleTimeout)
    {
        bool reported = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket client = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                reported = false;
                try
                {
                    await _places.WaitAsync(_stop.Token).ConfigureAwait(false);
                }
                catch
                {
                    client.Dispose();
                    throw;
                }
                _ = ServeAsync(client, new CommandSession(level, idleTimeout));
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                if (!reported)
                {
                    report?.Invoke(new Diagnostic(Severity.Warning, null, $"stats socket: cannot accept: {failure.Message}"));
                    reported = true;
                }
                await Task.Delay(CommandLimits.AcceptPause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket client, CommandSession session)
    {
        bool entered = _open.TryEnter();
        try
        {
            using var connection = new RuntimeConnection(client, session, runtime, time, cluster);
            if (entered)
            {
                await connection.ServeAsync(_stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went, was idle too long, or we stop: nothing to say.
        }
#pragma warning disable CA1031 // A bug in a command must end that connection, not the load balancer.
        catch (Exception bug)
        {
            report?.Invoke(new Diagnostic(Severity.Warning, null, $"stats socket: connection ended by an internal error: {bug}"));
        }
#pragma warning restore CA1031
        finally
        {
            _places.Release();
            if (entered)
            {
                _open.Leave();
            }
        }
    }
}
