using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Replication;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Tests.Replication;

/// <summary>
/// Nodes that replicate, in one thread under virtual time. Between two nodes messages keep their order and arrive, unless a view that parts them
/// comes first: then all behind some point are lost. Between different senders there is no order. Chance decides what happens next.
/// </summary>
internal sealed class ReplicaWorld(int seed, int queueLength = 1024) : IMonotonicClock
{
    private const int InFlightMax = 200;

    private readonly Dictionary<(Replica From, Replica To), Queue<byte[]>> _wires = [];
    /// <summary>Like wall-clock time, it rises faster than anybody writes.</summary>
    private ulong _incarnations = 1000;
    private long _epochs;

    public Random Random { get; } = new(seed);

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1000);

    public long NowMs => (long)Now.TotalMilliseconds;

    public List<Replica> Nodes { get; } = [];

    public Replica Add(Action<ReplicaState> furnish)
    {
        var node = new Replica(this, (uint)Nodes.Count + 1, furnish);
        Nodes.Add(node);
        node.Start(_incarnations += 1_000_000, queueLength);
        return node;
    }

    /// <summary>Who can hear whom from now on; each node learns it by <see cref="InstallViews"/>, in any order, with anything between.</summary>
    public void Split(params Replica[][] parts)
    {
        foreach (Replica node in Nodes)
        {
            node.Part = Array.FindIndex(parts, part => part.Contains(node));
            node.ViewDue = node.Alive;
        }
        foreach (((Replica from, Replica to), Queue<byte[]> wire) in _wires)
        {
            if (from.Part != to.Part)
            {
                LoseTail(wire);
            }
        }
    }

    public void Heal() => Split([.. Nodes]);

    public void InstallViews()
    {
        foreach (Replica node in Nodes.OrderBy(_ => Random.Next()))
        {
            InstallView(node);
        }
    }

    public void InstallView(Replica node)
    {
        if (node.Alive && node.ViewDue)
        {
            node.ViewDue = false;
            node.View = [.. Nodes.Where(other => other.Alive && other.Part == node.Part).Select(other => other.Id)];
            node.Replicator.ViewChanged(new ClusterView(++_epochs, node.Id, node.View, QuorumVerdict.Quorate));
        }
    }

    public void Crash(Replica node)
    {
        node.Alive = false;
        foreach (((Replica from, Replica to), Queue<byte[]> wire) in _wires)
        {
            if (from == node)
            {
                LoseTail(wire);
            }
            if (to == node)
            {
                wire.Clear();
            }
        }
        NoteViews();
    }

    public void Restart(Replica node)
    {
        node.Start(_incarnations += 1_000_000, queueLength);
        NoteViews();
    }

    public bool Send(Replica from, ReadOnlySpan<byte> body)
    {
        if (from.View.IsEmpty || from.Refusing || Nodes.Any(to => Wire(from, to).Count >= InFlightMax))
        {
            return false;
        }
        foreach (Replica to in Nodes.Where(to => to != from && to.Alive && to.Part == from.Part && from.View.Contains(to.Id)))
        {
            Wire(from, to).Enqueue(body.ToArray());
        }
        return true;
    }

    /// <summary>Delivers one message, of any sender; false: none is under way.</summary>
    public bool DeliverOne()
    {
        (Replica From, Replica To)[] ready = [.. _wires.Where(pair => pair.Value.Count > 0 && pair.Key.To.Alive).Select(pair => pair.Key)];
        if (ready.Length == 0)
        {
            return false;
        }
        (Replica From, Replica To) chosen = ready[Random.Next(ready.Length)];
        byte[] body = _wires[chosen].Dequeue();
        if (chosen.To.View.Contains(chosen.From.Id))
        {
            chosen.To.Replicator.MessageArrived(chosen.From.Id, body);
            if (Random.Next(20) == 0)
            {
                chosen.To.Replicator.MessageArrived(chosen.From.Id, body);      // twice: nothing must depend on it
            }
        }
        return true;
    }

    public void Advance(double ms) => Now += TimeSpan.FromMilliseconds(ms);

    public void TickAll()
    {
        foreach (Replica node in Nodes.Where(node => node.Alive))
        {
            node.Replicator.Tick();
        }
    }

    /// <summary>Lets time pass without anybody writing.</summary>
    public void RunQuiet(int ms)
    {
        for (int passed = 0; passed < ms; passed++)
        {
            TickAll();
            while (DeliverOne())
            {
                // until nobody answers any more
            }
            Advance(1);
        }
    }

    private void NoteViews()
    {
        foreach (Replica node in Nodes)
        {
            node.ViewDue = node.Alive;
        }
    }

    private Queue<byte[]> Wire(Replica from, Replica to)
    {
        if (!_wires.TryGetValue((from, to), out Queue<byte[]>? wire))
        {
            _wires[(from, to)] = wire = [];
        }
        return wire;
    }

    private void LoseTail(Queue<byte[]> wire)
    {
        byte[][] kept = [.. wire.Take(Random.Next(wire.Count + 1))];
        wire.Clear();
        foreach (byte[] body in kept)
        {
            wire.Enqueue(body);
        }
    }
}

/// <summary>One node: its process may die and start again, with empty tables.</summary>
internal sealed class Replica(ReplicaWorld world, uint id, Action<ReplicaState> furnish) : IReplicationSender
{
    private static readonly ClusterModel Model = new(
        "test", [.. Enumerable.Range(1, 3).Select(i => new ClusterNodeModel((uint)i, $"lb{i}", [], 100))], []);

    public NodeId Id { get; } = new(id);
    public bool Alive { get; set; }
    public int Part { get; set; }
    public bool ViewDue { get; set; }
    public ImmutableArray<NodeId> View { get; set; } = [];

    /// <summary>The engine's queue is full.</summary>
    public bool Refusing { get; set; }
    public ReplicaState State { get; private set; } = new();
    public Replicator Replicator { get; private set; } = null!;

    /// <summary>Bodies that were sent, the newest last.</summary>
    public List<byte[]> Sent { get; } = [];

    public void Start(ulong incarnation, int queueLength)
    {
        State = new ReplicaState();
        furnish(State);
        View = [];
        Alive = true;
        ViewDue = true;
        Replicator = new Replicator(new ReplicationOptions(Model, Id, incarnation) { QueueLength = queueLength }, State, this, world);
    }

    public bool Send(ReadOnlySpan<byte> body)
    {
        bool sent = world.Send(this, body);
        if (sent)
        {
            Sent.Add(body.ToArray());
        }
        return sent;
    }

    /// <summary>What the table holds, cleared keys included, by key: the server's name and the version.</summary>
    public SortedDictionary<UInt128, (string Server, StickVersion Version, long RemainingMs)> Content(string table)
    {
        var content = new SortedDictionary<UInt128, (string, StickVersion, long)>();
        var slice = new StickUpdate[64];
        int from = 0;
        bool more = true;
        while (more)
        {
            more = State.Tables[table].CopyUpdates(ref from, slice, world.NowMs, out int copied);
            foreach (StickUpdate update in slice.AsSpan(0, copied))
            {
                content[update.Key] = (NameOf(table, update.ServerId), update.Version, update.RemainingMs);
            }
        }
        return content;
    }

    private string NameOf(string table, int serverId) => serverId == StickUpdate.Cleared
        ? "cleared"
        : State.Content.Tables.Single(one => one.Name == table).Servers.GetValueOrDefault(serverId, $"{serverId}");
}
