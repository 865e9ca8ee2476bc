using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Admin.Http;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;

namespace ExchangeLb.Admin;

/// <summary>
/// Serves the stats pages. The loops accept and hand descriptors over; everything after that happens on the thread pool.
/// Any thread may call.
/// </summary>
/// <param name="runtime">What is shown; asked anew for each request, so that a reload may replace it.</param>
/// <param name="time">Measures the timeouts.</param>
/// <param name="report">Told of bugs that were survived, and once in a while that too many connections are open.</param>
/// <param name="cluster">What the cluster's box shows, asked anew for each request; null, or giving null: there is no such box.</param>
public sealed class StatsConnections(
    Func<ILoadBalancerRuntime> runtime, TimeProvider time, Action<Diagnostic>? report = null, Func<IClusterRuntime?>? cluster = null)
    : IStatsConnections, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly OpenConnections _open = new(HttpLimits.Connections + HttpLimits.Leaving);
    private readonly HttpPlaces _places = new(HttpLimits.Connections);
    private readonly LimitNotice _notice = new(time, report);

    /// <summary>Connections that are open now.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Connections that had to make room for new ones because too many were open (256).</summary>
    public long DroppedTotal => _places.DroppedTotal;

    /// <summary>Connections closed unanswered, because too many were still being closed (256) or we stop.</summary>
    public long RefusedTotal => _open.RefusedTotal;

    public void Take(int descriptor, IStatsSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
        if (!_open.TryEnter())
        {
            handle.Dispose();
            session.Closed();
            return;
        }
        HttpPlace place = _places.Take(session.Client.Address, _stop.Token);
        ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Owner.ServeAsync(work.Handle, work.Session, work.Place),
            (Owner: this, Handle: handle, Session: session, Place: place), preferLocal: false);
    }

    /// <summary>Ends all connections and waits until they are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _open.CloseAsync().ConfigureAwait(false);
    }

    private async Task ServeAsync(SafeSocketHandle handle, IStatsSession session, HttpPlace place)
    {
        try
        {
            _notice.Note(_places.DroppedTotal);
            using (handle)
            {
                using var connection = new HttpConnection(new Socket(handle), session, runtime, time, cluster);
                await connection.ServeAsync(place).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went, stalled past its timeout, lost its place, or we stop: nothing to say.
        }
#pragma warning disable CA1031 // A bug in a page must end that page's connection, not the load balancer.
        catch (Exception bug)
        {
            report?.Invoke(new Diagnostic(Severity.Warning, null, $"stats page: connection ended by an internal error: {bug}"));
        }
#pragma warning restore CA1031
        finally
        {
            place.Dispose();
            session.Closed();
            _open.Leave();
        }
    }
}
