using System;
using System.Collections.Immutable;
using System.Threading;
using ExchangeLb.Core.Model;
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
    private volatile int _spareDescriptors;
    private int _adopting;
    private volatile ServerSideOptions _serverSide = initial;
    private volatile BufferBounds _buffers = BufferBounds.Of(new GlobalModel(), initial);
    private int _paused;

    /// <summary>Concurrent client connections of the process; accepting pauses there.</summary>
    public int MaxConn
    {
        get => _maxConn;
        set => _maxConn = value;
    }

    /// <summary>Descriptors that are left once <see cref="MaxConn"/> connections have two each: for those who wait in lines.</summary>
    public int SpareDescriptors
    {
        get => _spareDescriptors;
        set => _spareDescriptors = value;
    }

    /// <summary>Clients who were accepted and are not let in yet, with one descriptor each.</summary>
    public SessionGauge Waiting { get; } = new();

    /// <summary><see cref="MaxConn"/>, less what those who wait take of its descriptors, and who is <see cref="Adopting"/>; may be 0 or less.</summary>
    public int Room => RoomBeside(Waiting.Current);

    /// <summary>The same for one of those who wait, whose descriptor is not one more.</summary>
    public int RoomForWaiting => RoomBeside(Waiting.Current - 1);

    /// <summary>Sessions and clients in line that came from another node and do not count yet: they have places already, below each limit that might be theirs.</summary>
    public int Adopting => Volatile.Read(ref _adopting);

    /// <summary>Those who wait have taken more than there is for them.</summary>
    public bool WaitingIsFull => (2L * Connections.Current) + Waiting.Current > (2L * MaxConn) + SpareDescriptors;

    /// <param name="count">So many are about to come to the loops.</param>
    public void BeginAdopting(int count) => Interlocked.Add(ref _adopting, count);

    /// <summary>So many of them count now, or have ended. From any thread.</summary>
    public void HaveAdopted(int count)
    {
        if (count > 0 && Interlocked.Add(ref _adopting, -count) == 0)
        {
            ResumeAccepting();
        }
    }

    /// <summary>Why neither a session nor a client who waits can be taken from another node; null: there is room.</summary>
    /// <param name="others">Sessions that were taken and do not count yet.</param>
    /// <param name="waiting">The same of clients who wait.</param>
    public string? LackFor(bool waits, int others, int waiting)
    {
        if (!waits && Connections.Current + others >= MaxConn)
        {
            return $"there is room for {MaxConn} connections (maxconn)";
        }
        long taken = (2L * (Connections.Current + others)) + Waiting.Current + waiting;
        return taken + (waits ? 1 : 2) > (2L * MaxConn) + SpareDescriptors ? "no descriptors are left for clients who wait for a place (maxconn)" : null;
    }

    /// <summary>Replaced whole by a reload; each loop looks at it when it connects.</summary>
    public ServerSideOptions ServerSide
    {
        get => _serverSide;
        set => _serverSide = value;
    }

    /// <summary>The same of what piles up in sockets.</summary>
    public BufferBounds Buffers
    {
        get => _buffers;
        set => _buffers = value;
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
            ResumeAccepting();
        }
    }

    private int RoomBeside(int waiting)
    {
        int over = Math.Max(0, waiting - SpareDescriptors);
        return Math.Max(1, MaxConn - ((over + 1) / 2)) - Adopting;
    }

    private void ResumeAccepting()
    {
        foreach (EventLoop loop in Loops)
        {
            loop.Post(new LoopMessage.ResumeAccepting());
        }
    }
}
