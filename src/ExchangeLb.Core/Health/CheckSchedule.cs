using System;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Core.Health;

/// <summary>When checks run (configuration.txt, 3.2 `spread-checks`, 4.2 `timeout check`, 5.2 `inter`). All results are milliseconds.</summary>
public static class CheckSchedule
{
    /// <summary>Intervals up to this do not decide how far the first checks of a process are spread.</summary>
    public const int QuickIntervalMs = 1000;

    /// <summary>From the end of one check to the begin of the next: inter when sure and up, downinter when surely down, else fastinter.</summary>
    public static int IntervalMs(ServerModel server, ServerHealthState health)
    {
        TimeSpan interval = !health.IsSure ? server.FastInter ?? server.Inter
            : health.IsUp ? server.Inter
            : server.DownInter ?? server.Inter;
        return ToMs(interval);
    }

    /// <summary>The same, varied by up to <paramref name="spreadPercent"/> both ways so that checks of many servers do not stay in step.</summary>
    /// <param name="spreadPercent">`spread-checks`, 0..50.</param>
    /// <param name="random">0 (longest) up to 1 (shortest).</param>
    public static int NextIntervalMs(ServerModel server, ServerHealthState health, int spreadPercent, double random)
    {
        int interval = IntervalMs(server, health);
        int spread = (int)((long)interval * spreadPercent / 100);
        return interval + spread - (int)(2 * spread * random);
    }

    /// <summary>
    /// When the first checks of a process begin, counted from its start. They are spread evenly over the shortest interval of all
    /// (of those above <see cref="QuickIntervalMs"/>); a server of a longer interval takes its share of that one.
    /// </summary>
    /// <param name="servers">All checked servers of the process, in the order of the file.</param>
    /// <param name="startMs">Receives one time for each of them.</param>
    public static void FillStartTimes(ReadOnlySpan<ServerModel> servers, Span<int> startMs)
    {
        int shortest = 0;
        for (int i = 0; i < servers.Length; i++)
        {
            startMs[i] = IntervalMs(servers[i], new ServerHealthState(servers[i]));
            if (startMs[i] > QuickIntervalMs && (shortest == 0 || startMs[i] < shortest))
            {
                shortest = startMs[i];
            }
        }
        for (int i = 0; i < servers.Length; i++)
        {
            startMs[i] = StartMs(i, servers.Length, startMs[i], shortest);
        }
    }

    /// <summary>The same for one server, when the others are known.</summary>
    /// <param name="index">Of this server among all checked servers of the process, 0..<paramref name="total"/>-1.</param>
    /// <param name="total">Number of checked servers of the process.</param>
    /// <param name="intervalMs">The server's own first interval: <see cref="IntervalMs"/> of a new state.</param>
    /// <param name="shortestMs">The shortest of all first intervals above <see cref="QuickIntervalMs"/>; 0 when there is none.</param>
    public static int StartMs(int index, int total, int intervalMs, int shortestMs) =>
        (int)((long)Math.Max(intervalMs, shortestMs) * index / total);

    /// <summary>Longest connection attempt: inter, or with `timeout check` the shorter of inter and `timeout connect`.</summary>
    public static int ConnectTimeoutMs(ServerModel server, BackendModel backend)
    {
        int inter = ToMs(server.Inter);
        return backend.CheckTimeout is not null && backend.ConnectTimeout is { } connect ? Math.Min(inter, ToMs(connect)) : inter;
    }

    /// <summary>Longest wait for the answer once connected: `timeout check`; 0: what is left of <see cref="ConnectTimeoutMs"/>.</summary>
    public static int AnswerTimeoutMs(BackendModel backend) => backend.CheckTimeout is { } check ? ToMs(check) : 0;

    private static int ToMs(TimeSpan time) => (int)Math.Clamp(time.TotalMilliseconds, 1, int.MaxValue);
}
