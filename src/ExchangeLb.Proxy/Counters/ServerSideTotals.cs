using System;

namespace ExchangeLb.Proxy.Counters;

/// <summary>The sum of the loops' counters of a backend or a server.</summary>
internal readonly record struct ServerSideTotals(
    long Sessions, long BytesIn, long BytesOut, long Selected, long ConnectAttempts, long ConnectErrors, long ResponseErrors,
    long Retries, long Redispatches, long ClientAborts, long ServerAborts)
{
    public static ServerSideTotals Of(ReadOnlySpan<ServerSideCounters> loops)
    {
        ServerSideTotals sum = default;
        foreach (ServerSideCounters one in loops)
        {
            sum = new ServerSideTotals(
                sum.Sessions + one.Sessions, sum.BytesIn + one.BytesIn, sum.BytesOut + one.BytesOut, sum.Selected + one.Selected,
                sum.ConnectAttempts + one.ConnectAttempts, sum.ConnectErrors + one.ConnectErrors,
                sum.ResponseErrors + one.ResponseErrors, sum.Retries + one.Retries, sum.Redispatches + one.Redispatches,
                sum.ClientAborts + one.ClientAborts, sum.ServerAborts + one.ServerAborts);
        }
        return sum;
    }

    /// <summary>What was added since <paramref name="start"/> was taken.</summary>
    public ServerSideTotals Since(in ServerSideTotals start) => new(
        Sessions - start.Sessions, BytesIn - start.BytesIn, BytesOut - start.BytesOut, Selected - start.Selected,
        ConnectAttempts - start.ConnectAttempts, ConnectErrors - start.ConnectErrors, ResponseErrors - start.ResponseErrors,
        Retries - start.Retries, Redispatches - start.Redispatches, ClientAborts - start.ClientAborts,
        ServerAborts - start.ServerAborts);
}
