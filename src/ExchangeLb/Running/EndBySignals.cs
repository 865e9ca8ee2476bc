using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Hosting;

namespace ExchangeLb.Running;

/// <summary>In place of the host's console life-time, which would take SIGINT and SIGTERM for itself: see <see cref="StopSignals"/>.</summary>
internal sealed class EndBySignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
