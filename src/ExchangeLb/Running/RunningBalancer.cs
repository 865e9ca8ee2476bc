using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Admin;
using ExchangeLb.Clustering;
using ExchangeLb.Proxy;
using Microsoft.Extensions.Hosting;

namespace ExchangeLb.Running;

/// <summary>
/// The balancer's place in the host: it serves already when the host is built (building takes as long as all the rest of a start, and
/// clients need not wait for it); what the host gives is its end in order.
/// </summary>
internal sealed class RunningBalancer(LoadBalancer balancer, ClusterNode? node, StatsConnections statsPages, RuntimeSockets statsSockets) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The VIPs first, so that new clients are served elsewhere; then clients; who watches may see it to the end.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (node is not null)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
        balancer.Stop();
        await balancer.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        await statsPages.DisposeAsync().ConfigureAwait(false);
        await statsSockets.DisposeAsync().ConfigureAwait(false);
        balancer.Dispose();
    }
}
