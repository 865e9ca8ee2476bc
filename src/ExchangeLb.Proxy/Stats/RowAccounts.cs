using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy.Counters;

namespace ExchangeLb.Proxy.Stats;

/// <summary>
/// What the statistics keep of one server or backend besides the loops' counters: the rate, and the totals at the last
/// `clear counters all`, which are subtracted, as only the loops may write their counters. Owner: the control thread.
/// </summary>
internal sealed class RowAccounts(ServerSideCounters[] loops, SessionGauge gauge)
{
    private ServerSideTotals _cleared;

    public RateMeter Rate { get; } = new();

    public ServerSideTotals Totals => ServerSideTotals.Of(loops).Since(_cleared);

    public TrafficSnapshot Traffic(in ServerSideTotals totals) => new()
    {
        CurrentSessions = gauge.Current,
        MaxSessions = gauge.Max,
        TotalSessions = totals.Sessions,
        BytesIn = totals.BytesIn,
        BytesOut = totals.BytesOut,
        SessionRate = Rate.Rate,
        MaxSessionRate = Rate.Max,
    };

    public void Sample(long nowMs) => Rate.Sample(ServerSideTotals.Of(loops).Sessions, nowMs);

    public void Clear(bool all)
    {
        gauge.ForgetMax();
        Rate.ForgetMax();
        foreach (ServerSideCounters loop in loops)
        {
            loop.Means.MaxQueue = 0;
            loop.Means.MaxConnect = 0;
            loop.Means.MaxTotal = 0;
        }
        if (all)
        {
            _cleared = ServerSideTotals.Of(loops);
        }
    }

    /// <summary>When a session last began, loop clock in ms; 0: never.</summary>
    public long LastSessionMs
    {
        get
        {
            long last = 0;
            foreach (ServerSideCounters loop in loops)
            {
                last = System.Math.Max(last, loop.LastSessionMs);
            }
            return last;
        }
    }

    /// <summary>The loops' means, weighted by how many sessions each stands for.</summary>
    public MeanTimes Means
    {
        get
        {
            double weight = 0;
            double queue = 0;
            double connect = 0;
            double total = 0;
            int maxQueue = 0;
            int maxConnect = 0;
            int maxTotal = 0;
            foreach (ServerSideCounters loop in loops)
            {
                TimeMeans means = loop.Means;
                double share = System.Math.Min(means.Samples, TimeMeans.Window);
                weight += share;
                queue += means.Queue * share;
                connect += means.Connect * share;
                total += means.Total * share;
                maxQueue = System.Math.Max(maxQueue, means.MaxQueue);
                maxConnect = System.Math.Max(maxConnect, means.MaxConnect);
                maxTotal = System.Math.Max(maxTotal, means.MaxTotal);
            }
            return weight == 0
                ? default
                : new MeanTimes((int)(queue / weight), (int)(connect / weight), (int)(total / weight), maxQueue, maxConnect, maxTotal);
        }
    }
}
