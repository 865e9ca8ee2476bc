using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.Stats;

/// <summary>The same for a frontend. Owner: the control thread.</summary>
internal sealed class FrontendAccounts(FrontendState frontend)
{
    private Totals _cleared;

    public RateMeter Sessions { get; } = new();

    public RateMeter Connections { get; } = new();

    /// <summary>Since the start, whatever was cleared.</summary>
    public long ConnectionsEver => Sum().Connections;

    /// <summary>The same, bytes sent to clients.</summary>
    public long BytesOutEver => Sum().BytesOut;

    /// <summary>No session is left, so nothing will be counted unless new ones come.</summary>
    public bool IsOver => frontend.Sessions.Current == 0;

    public FrontendSnapshot Snapshot(FrontendPlan plan)
    {
        Totals sum = Sum();
        bool full = frontend.Sessions.Current >= plan.SessionLimit;
        return new FrontendSnapshot
        {
            Status = frontend.Stopped ? FrontendStatus.Stopped : full ? FrontendStatus.Full : FrontendStatus.Open,
            SessionLimit = plan.SessionLimit,
            ConnectionsTotal = sum.Connections - _cleared.Connections,
            ConnectionRate = Connections.Rate,
            MaxConnectionRate = Connections.Max,
            RequestErrors = frontend.BadRequests,
            HttpRequests = frontend.Requests,
            HttpResponses = frontend.Responses,
            Addresses = [.. System.Linq.Enumerable.Select(plan.Model.Binds, Describe)],
            Traffic = new TrafficSnapshot
            {
                CurrentSessions = frontend.Sessions.Current,
                MaxSessions = frontend.Sessions.Max,
                TotalSessions = sum.Sessions - _cleared.Sessions,
                BytesIn = sum.BytesIn - _cleared.BytesIn,
                BytesOut = sum.BytesOut - _cleared.BytesOut,
                SessionRate = Sessions.Rate,
                MaxSessionRate = Sessions.Max,
            },
        };
    }

    public void Sample(long nowMs)
    {
        Totals sum = Sum();
        Sessions.Sample(sum.Sessions, nowMs);
        Connections.Sample(sum.Connections, nowMs);
    }

    public void Clear(bool all)
    {
        frontend.Sessions.ForgetMax();
        Sessions.ForgetMax();
        Connections.ForgetMax();
        if (all)
        {
            _cleared = Sum();
            frontend.ForgetRequests();
        }
    }

    private static string Describe(Core.Model.BindModel bind) =>
        bind.Address?.ToString() ?? $"fd@{bind.Descriptor.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    private Totals Sum()
    {
        var sum = new Totals(0, 0, frontend.RequestBytesIn, frontend.RequestBytesOut);
        foreach (ClientSideCounters loop in frontend.Counters)
        {
            sum = new Totals(
                sum.Connections + loop.Connections, sum.Sessions + loop.Sessions, sum.BytesIn + loop.BytesIn,
                sum.BytesOut + loop.BytesOut);
        }
        return sum;
    }

    private readonly record struct Totals(long Connections, long Sessions, long BytesIn, long BytesOut);
}
