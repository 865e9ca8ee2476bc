using System;

namespace ExchangeLb.Proxy.Counters;

/// <summary>Sliding means over about the last <see cref="Window"/> sessions and the largest values, all in milliseconds.</summary>
internal struct TimeMeans
{
    /// <summary>HAProxy's TIME_STATS_SAMPLES (management.txt, 9.1, qtime).</summary>
    public const int Window = 1024;

    public long Samples;
    public double Queue;
    public double Connect;
    public double Total;
    public int MaxQueue;
    public int MaxConnect;
    public int MaxTotal;

    public void Add(int queueMs, int connectMs, int totalMs)
    {
        Samples++;
        double share = 1.0 / Math.Min(Samples, Window);
        Queue += (queueMs - Queue) * share;
        Connect += (connectMs - Connect) * share;
        Total += (totalMs - Total) * share;
        MaxQueue = Math.Max(MaxQueue, queueMs);
        MaxConnect = Math.Max(MaxConnect, connectMs);
        MaxTotal = Math.Max(MaxTotal, totalMs);
    }
}
