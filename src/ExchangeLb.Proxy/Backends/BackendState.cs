using System;
using System.Collections.Generic;
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
    private readonly ServerLoad[] _loads;
    private readonly BalanceAlgorithm _algorithm;
    private readonly LinkedList<Waiter> _line = new();
    private long _nextSequence;
    private volatile int _usable;
    private UsableServers _standing;

    public BackendState(int index, BackendModel model, BalanceAlgorithm algorithm, int loops)
    {
        Index = index;
        Model = model;
        NameBytes = System.Text.Encoding.UTF8.GetBytes(model.Name);
        _algorithm = algorithm;
        Servers = new ServerState[model.Servers.Length];
        _loads = new ServerLoad[Servers.Length];
        for (int i = 0; i < Servers.Length; i++)
        {
            Servers[i] = new ServerState(this, i, model.Servers[i], loops);
            _loads[i].MaxConn = model.Servers[i].MaxConn;
        }
        Counters = new ServerSideCounters[loops];
        for (int i = 0; i < loops; i++)
        {
            Counters[i] = new ServerSideCounters();
        }
        Stick = StickRules.None(this);
        Refresh();
    }

    /// <summary>Among the running backends.</summary>
    public int Index { get; }
    public BackendModel Model { get; }
    public byte[] NameBytes { get; }
    public ServerState[] Servers { get; }

    /// <summary>One a loop.</summary>
    public ServerSideCounters[] Counters { get; }
    public SessionGauge Sessions { get; } = new();

    /// <summary>Set once, before the loops start.</summary>
    public StickRules Stick { get; set; }

    /// <summary>`fullconn`, or what stands for it (`slim` of the CSV). Set once, before the loops start.</summary>
    public int FullLoad { get; set; }

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
            if (wanted is not null && (wanted.ServesStuck || Model.Persist))     // it may have gone since it was looked up
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
                return _loads[chosen].IsFull ? Enqueue(ticket, Servers[chosen]) : Grant(Servers[chosen]);
            }
            return _usable > 0 ? Enqueue(ticket, null) : new Placement(PlacementKind.NoServer, null, null, 0);
        }
    }

    /// <summary>A session has left a place; the one that waits longest gets it.</summary>
    public void Release(ServerState server)
    {
        lock (_selection)
        {
            _loads[server.Index].Served--;
            GrantWaiting(server);
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
                _loads[granted.Index].Served--;
                GrantWaiting(granted);
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

    /// <summary>State or weight of a server has changed: who may be chosen, and who waits for one that is gone.</summary>
    /// <returns>How many waiting sessions were sent to choose anew.</returns>
    public int Refresh()
    {
        lock (_selection)
        {
            FillWeights();
            _algorithm.Reset(_loads);
            int moved = 0;
            foreach (ServerState server in Servers)
            {
                if (!server.ServesStuck)
                {
                    moved += SendAway(server);
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

    /// <summary>The name of the server with this configured id, or null.</summary>
    public string? NameOfServer(int id) => Array.Find(Servers, server => server.Model.Id == id)?.Model.Name;

    public void ForgetMaxima()
    {
        lock (_selection)
        {
            MaxQueued = _line.Count;
            foreach (ServerState server in Servers)
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
        Span<ServerStanding> standings = new ServerStanding[Servers.Length];
        Span<int> weights = new int[Servers.Length];
        for (int i = 0; i < Servers.Length; i++)
        {
            standings[i] = new ServerStanding(Servers[i].ServesAll, Servers[i].Weight);
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
        if (waiter.Server is { } server)
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
        while (server.Line.First?.Value is { } waiter && !Model.Persist)
        {
            Remove(waiter);
            waiter.Ticket.Loop.Post(new LoopMessage.ChooseAgain(waiter.Ticket));
            moved++;
        }
        return moved;
    }
}
