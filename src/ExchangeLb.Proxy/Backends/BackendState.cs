using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using ExchangeLb.Proxy.Counters;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Backends;

/// <summary>
/// One backend while it runs: whose turn it is, who is full, who waits. The loops share it, so that sessions alternate over the
/// servers and `maxconn` holds for their sum; the selection lock is held for well under a microsecond, once when a session gets
/// its server and once when it leaves. Lines are first come, first served, a server's own line and the backend's taken together.
/// </summary>
internal sealed class BackendState
{
    private readonly Lock _selection = new();
    private readonly LinkedList<Waiter> _line = new();
    private ServerLoad[] _loads = [];
    private BalanceAlgorithm _algorithm = new RoundRobin();
    private volatile BackendPlan _plan;
    private long _nextSequence;
    private volatile int _usable;
    private UsableServers _standing;

    /// <summary>It has no servers before <see cref="Become"/>.</summary>
    public BackendState(string name, int loops)
    {
        NameBytes = System.Text.Encoding.UTF8.GetBytes(name);
        Counters = new ServerSideCounters[loops];
        for (int i = 0; i < loops; i++)
        {
            Counters[i] = new ServerSideCounters();
        }
        _plan = new BackendPlan(-1, this, new BackendModel(0, name), []);
    }

    /// <summary>What the present configuration says. A loop that needs several things of it reads it once.</summary>
    public BackendPlan Plan => _plan;
    public BackendModel Model => _plan.Model;
    public byte[] NameBytes { get; }

    /// <summary>One a loop.</summary>
    public ServerSideCounters[] Counters { get; }
    public SessionGauge Sessions { get; } = new();

    /// <summary>Servers that balancing may choose now.</summary>
    public int UsableServers => _usable;

    public int MaxQueued { get; private set; }

    /// <summary>A failed connection may go to another server at once: which one gets it does not depend on the client.</summary>
    public bool MayMoveAtOnce => Model.Balance != BalanceKind.Source && _usable > 1;

    /// <summary>Gives the session a place at the wanted server, at the one that balancing chooses, or in a line.</summary>
    /// <param name="wanted">The server that the session is stuck to; null: balance.</param>
    /// <param name="avoid">A server that just failed, left if another can be had; null: none.</param>
    public Placement Place(SessionTicket ticket, ServerState? wanted, UInt128 client, ServerState? avoid)
    {
        lock (_selection)
        {
            if (wanted is { Index: >= 0 } && (wanted.ServesStuck || Model.Persist))     // it may have gone since it was looked up
            {
                ref ServerLoad load = ref _loads[wanted.Index];
                if (!load.IsFull)
                {
                    return Grant(wanted);
                }
                int limit = wanted.Model.MaxQueue;
                if (limit == 0 || load.Queued < limit)
                {
                    return Enqueue(ticket, wanted);
                }
                // Its line is full: balance instead, as a session without a server.
            }
            int chosen = _algorithm.Choose(_loads, client, avoid?.Index ?? BalanceAlgorithm.None);
            if (chosen >= 0)
            {
                ServerState server = _plan.Servers[chosen];
                return _loads[chosen].IsFull ? Enqueue(ticket, server) : Grant(server);
            }
            return _usable > 0 ? Enqueue(ticket, null) : new Placement(PlacementKind.NoServer, null, null, 0);
        }
    }

    /// <summary>For a session that has its server already: beyond the server's limit, too, for it was within it where it began.</summary>
    public void TakePlace(ServerState server)
    {
        lock (_selection)
        {
            if (server.Index >= 0)
            {
                Grant(server);
            }
        }
    }

    /// <summary>A session has left a place; the one that waits longest gets it.</summary>
    public void Release(ServerState server)
    {
        lock (_selection)
        {
            GiveBack(server);
        }
    }

    /// <summary>A session no longer waits: it leaves the line, or gives back what it was granted meanwhile.</summary>
    public void Leave(Waiter waiter)
    {
        lock (_selection)
        {
            if (waiter.Node is not null)
            {
                Remove(waiter);
            }
            else if (waiter.Granted is { } granted)
            {
                waiter.Granted = null;
                GiveBack(granted);
            }
        }
    }

    /// <summary>The session takes what it was granted; false: it was taken back meanwhile.</summary>
    public bool Accept(Waiter waiter)
    {
        lock (_selection)
        {
            bool granted = waiter.Granted is not null;
            waiter.Granted = null;
            return granted;
        }
    }

    /// <summary>
    /// Goes on with the next configuration's servers and rules. Those that stay keep their sessions and their lines; who waits for one
    /// that is gone chooses anew; whose turn it is goes on too, unless servers came or went. On the control thread.
    /// </summary>
    public void Become(BackendPlan plan)
    {
        lock (_selection)
        {
            BackendPlan before = _plan;
            var loads = new ServerLoad[plan.Servers.Length];
            for (int i = 0; i < loads.Length; i++)
            {
                ServerState server = plan.Servers[i];
                loads[i].Served = server.Index >= 0 ? _loads[server.Index].Served : 0;
                loads[i].Queued = server.Line.Count;
                loads[i].MaxConn = plan.Model.Servers[i].MaxConn;
            }
            foreach (ServerState server in before.Servers)
            {
                server.Index = -1;
            }
            for (int i = 0; i < loads.Length; i++)
            {
                plan.Servers[i].Index = i;
            }
            bool sameTurns = before.Model.Balance == plan.Model.Balance && before.Servers.AsSpan().SequenceEqual(plan.Servers)
                && HaveSameIds(before.Model, plan.Model) && loads.Length > 0;
            _algorithm = sameTurns ? _algorithm : BalanceAlgorithm.Create(plan.Model);
            _loads = loads;
            _plan = plan;
            foreach (ServerState server in before.Servers)
            {
                if (server.Index < 0)
                {
                    SendAway(server);
                }
            }
            Refresh();
        }
    }

    /// <summary>State or weight of a server has changed: who may be chosen, and who waits for one that is gone.</summary>
    /// <returns>How many waiting sessions were sent to choose anew.</returns>
    public int Refresh()
    {
        lock (_selection)
        {
            FillWeights();
            _algorithm.Reset(_loads);
            int moved = 0;
            foreach (ServerState server in _plan.Servers)
            {
                if (!server.ServesStuck)
                {
                    moved += Model.Persist ? 0 : SendAway(server);
                }
                else if (_loads[server.Index].Weight > 0)
                {
                    GrantWaiting(server);
                }
            }
            return moved;
        }
    }

    public int Queued
    {
        get
        {
            lock (_selection)
            {
                return _line.Count;
            }
        }
    }

    public int QueuedAt(ServerState server)
    {
        lock (_selection)
        {
            return server.Line.Count;
        }
    }

    /// <summary>Sum of the weights that balancing uses now.</summary>
    public int TotalWeight
    {
        get
        {
            lock (_selection)
            {
                int total = 0;
                foreach (ServerLoad load in _loads)
                {
                    total += load.Weight;
                }
                return total;
            }
        }
    }

    public void ForgetMaxima()
    {
        lock (_selection)
        {
            MaxQueued = _line.Count;
            foreach (ServerState server in _plan.Servers)
            {
                server.MaxQueued = server.Line.Count;
            }
        }
    }

    /// <summary>Servers that could be balanced to, by what was last said of them.</summary>
    public UsableServers CountUsable()
    {
        lock (_selection)
        {
            return _standing;
        }
    }

    private void FillWeights()
    {
        ServerState[] servers = _plan.Servers;
        Span<ServerStanding> standings = new ServerStanding[servers.Length];
        Span<int> weights = new int[servers.Length];
        for (int i = 0; i < servers.Length; i++)
        {
            standings[i] = new ServerStanding(servers[i].ServesAll, servers[i].Weight);
        }
        _standing = EffectiveWeights.Fill(Model, standings, weights);
        int usable = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            _loads[i].Weight = weights[i];
            usable += weights[i] > 0 ? 1 : 0;
        }
        _usable = usable;
    }

    /// <summary>`balance first` goes by the ids.</summary>
    private static bool HaveSameIds(BackendModel one, BackendModel other) =>
        one.Servers.Select(server => server.Id).SequenceEqual(other.Servers.Select(server => server.Id));

    /// <summary>A place is free again; at a server that is gone nobody waits for it.</summary>
    private void GiveBack(ServerState server)
    {
        if (server.Index >= 0)
        {
            _loads[server.Index].Served--;
            GrantWaiting(server);
        }
    }

    private Placement Grant(ServerState server)
    {
        _loads[server.Index].Served++;
        return new Placement(PlacementKind.Granted, server, null, 0);
    }

    private Placement Enqueue(SessionTicket ticket, ServerState? server)
    {
        LinkedList<Waiter> line = server?.Line ?? _line;
        var waiter = new Waiter(ticket, server, _nextSequence++);
        int ahead = line.Count;
        waiter.Node = line.AddLast(waiter);
        if (server is null)
        {
            MaxQueued = Math.Max(MaxQueued, line.Count);
        }
        else
        {
            server.MaxQueued = Math.Max(server.MaxQueued, line.Count);
            _loads[server.Index].Queued = line.Count;
        }
        return new Placement(PlacementKind.Queued, server, waiter, ahead);
    }

    private void Remove(Waiter waiter)
    {
        waiter.Node!.List!.Remove(waiter.Node);
        waiter.Node = null;
        if (waiter.Server is { Index: >= 0 } server)
        {
            _loads[server.Index].Queued = server.Line.Count;
        }
    }

    private void GrantWaiting(ServerState server)
    {
        ref ServerLoad load = ref _loads[server.Index];
        while (load.MaxConn == 0 || load.Served < load.MaxConn)
        {
            Waiter? own = server.ServesStuck ? server.Line.First?.Value : null;
            Waiter? any = load.Weight > 0 ? _line.First?.Value : null;
            Waiter? next = own is null || (any is not null && any.Sequence < own.Sequence) ? any : own;
            if (next is null)
            {
                return;
            }
            Remove(next);
            next.Granted = server;
            Grant(server);
            if (!next.Ticket.Loop.Post(new LoopMessage.PlaceGranted(next.Ticket, server)))
            {
                next.Granted = null;
                load.Served--;
            }
        }
    }

    private int SendAway(ServerState server)
    {
        int moved = 0;
        while (server.Line.First?.Value is { } waiter)
        {
            Remove(waiter);
            waiter.Ticket.Loop.Post(new LoopMessage.ChooseAgain(waiter.Ticket));
            moved++;
        }
        return moved;
    }
}
