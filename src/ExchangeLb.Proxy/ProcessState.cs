using System;
using System.Collections.Immutable;
using System.Threading;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Process;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy;

/// <summary>What all loops share besides frontends and backends: the limit on connections and who takes the stats page's.</summary>
internal sealed class ProcessState(int maxConn, IStatsConnections stats, ServerSideOptions initial)
{
    private volatile int _maxConn = maxConn;
    private volatile ServerSideOptions _serverSide = initial;
    private int _paused;

    /// <summary>Concurrent client connections of the process; accepting pauses there.</summary>
    public int MaxConn
    {
        get => _maxConn;
        set => _maxConn = value;
    }

    /// <summary>Replaced whole by a reload; each loop looks at it when it connects.</summary>
    public ServerSideOptions ServerSide
    {
        get => _serverSide;
        set => _serverSide = value;
    }

    /// <summary>One for each loop.</summary>
    public ServerSideAddress MakeServerSideAddress() => new(() => ServerSide, new Random(KernelRandom.NextInt32()));

    public SessionGauge Connections { get; } = new();
    public IStatsConnections Stats { get; } = stats;

    /// <summary>Lines about requests for the stats page; null: nothing is logged.</summary>
    public Logging.StatsLog? StatsLog { get; set; }

    /// <summary>Set once, before the loops start.</summary>
    public ImmutableArray<EventLoop> Loops { get; set; } = [];

    /// <summary>Some listener paused because of <see cref="MaxConn"/> or for want of descriptors.</summary>
    public void NotePaused() => Volatile.Write(ref _paused, 1);

    /// <summary>A connection of the frontend has ended: listeners that paused may go on. From any thread.</summary>
    public void ConnectionEnded(FrontendState frontend)
    {
        frontend.Sessions.Leave();
        Connections.Leave();
        bool room = frontend.TakePaused();
        room |= Volatile.Read(ref _paused) != 0 && Interlocked.Exchange(ref _paused, 0) != 0;
        if (room)
        {
            foreach (EventLoop loop in Loops)
            {
                loop.Post(new LoopMessage.ResumeAccepting());
            }
        }
    }
}
