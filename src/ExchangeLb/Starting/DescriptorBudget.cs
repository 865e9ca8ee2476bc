using System;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Starting;

/// <summary>
/// How many descriptors so many connections need, and the other way round. A session has two; pipes for splice are taken from what is
/// free and given up first, so they are not counted.
/// </summary>
/// <param name="fixedCount">What the process holds apart from sessions.</param>
internal sealed class DescriptorBudget(long fixedCount)
{
    /// <summary>Log sockets, files opened for a moment, and what the runtime opens later: parts of the program file, threads.</summary>
    private const int ProcessReserve = 96;

    /// <summary>A `maxconn` that follows from the limit leaves so many, where there are enough, for clients who wait for a place when an address moves.</summary>
    private const int ForWaiting = 64;

    /// <summary>More than a host lets one process have (fs.nr_open).</summary>
    private const int SpareMax = 1 << 30;

    /// <summary>epoll, event and timer descriptor of one loop.</summary>
    private const int PerThread = 4;

    private const int PerSession = 2;

    /// <param name="open">Descriptors that are open now: a few, or some hundred when the program is not published as one file.</param>
    public static DescriptorBudget For(LoadBalancerModel model, int threads, int open)
    {
        long listeners = model.Proxies.Sum(proxy => (long)(proxy.Frontend?.Binds.Length ?? 0)) * threads;
        long checks = model.Proxies.Sum(proxy => (long)(proxy.Backend?.Servers.Count(server => server.Check) ?? 0));
        long stats = model.Global.StatsSockets.Length + (model.Global.StatsSockets.IsEmpty ? 0 : model.Global.StatsMaxConn);
        return new(open + ProcessReserve + (PerThread * (threads + 1)) + listeners + checks + stats);
    }

    /// <summary>Descriptors wanted for <paramref name="connections"/> sessions at once.</summary>
    public long Needed(int connections) => fixedCount + ((long)connections * PerSession);

    /// <summary>What so many sessions leave of <paramref name="descriptors"/>.</summary>
    public int Spare(long descriptors, int connections) => (int)Math.Clamp(descriptors - Needed(connections), 0, SpareMax);

    /// <summary>Sessions that fit into <paramref name="descriptors"/>; at least 1, so that even the tightest limit serves somebody.</summary>
    public int Connections(long descriptors) => (int)Math.Clamp((descriptors - fixedCount) / PerSession, 1, int.MaxValue);

    /// <summary>A `maxconn` that nobody asked for: as many as fit beside those who wait, who have a twentieth at most.</summary>
    public int DerivedConnections(long descriptors)
    {
        int all = Connections(descriptors);
        return all - Math.Min(ForWaiting / PerSession, all / 20);
    }
}
