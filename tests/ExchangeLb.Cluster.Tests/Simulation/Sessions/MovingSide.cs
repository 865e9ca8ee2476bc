using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>Sessions that move along with a VIP that is handed over: <see cref="Mover"/> and what is around it, as the program's moving thread composes it.</summary>
internal sealed class MovingSide : IMoveHost
{
    private const int HeadBytes = 12;

    private readonly SessionPart _part;
    private readonly SimulatedProcess _process;
    private readonly SimulatedThread _thread;
    private readonly Mover _mover;
    private readonly Dictionary<long, (SimulatedSession Session, int Life, SessionImage Image)> _adopted = [];

    /// <summary>The same of sessions that go on with their owner: not to be run unless they are named.</summary>
    private readonly Dictionary<long, (SimulatedSession Session, int Life, SessionImage Image)> _came = [];

    /// <summary>What this node told ahead of its sessions.</summary>
    private readonly Dictionary<(ulong Move, long Session), (int Life, SessionImage Image)> _told = [];

    /// <summary>The number of the connection to each node; 1 at first.</summary>
    private readonly Dictionary<NodeId, int> _connections = [];

    private readonly Dictionary<NodeId, TimeSpan> _arrivals = [];

    /// <summary>Sessions that came, and of which no sockets could be made.</summary>
    private readonly List<SimulatedSession> _missed = [];

    /// <summary>By VIP: this node owns it, and sessions that were adopted for it wait for their old owner's word.</summary>
    private readonly bool[] _mayCome;

    internal MovingSide(SessionPart part, SimulatedProcess process)
    {
        (_part, _process) = (part, process);
        _thread = new(part.World, process);
        _mayCome = new bool[part.World.Model.Vips.Length];
        _mover = new(part.World.Model, process.Node.Id, this);
    }

    public int BodyMaxBytes => (16 * 1024) - Envelope.HeaderBytes;

    public string NameOf(NodeId node) => $"lb{node}";

    public string? LackFor(int vip) => null;

    internal bool IsIdle => _mover.IsIdle;

    /// <summary>All that is to move is here, and waits for the owner's word.</summary>
    internal bool HasAdopted { get; private set; }

    private SimulatedWorld World => _part.World;

    internal bool Has(SimulatedSession session) => _adopted.ContainsKey(session.Id) || _came.ContainsKey(session.Id);

    internal string? LeftOver() =>
        _came.Count > 0 ? $"lb{_part.Node.Id} still has {_came.Count} sessions of which it was told ahead"
        : _adopted.Count > 0 ? $"lb{_part.Node.Id} still has {_adopted.Count} sessions that it neither runs nor dropped"
        : Enumerable.Range(0, _mayCome.Length).Any(vip => _part.SocketsOf(vip).Exists(sockets => sockets.IsFrozen)) ? $"lb{_part.Node.Id} still has frozen sessions"
        : null;

    internal void Begin(int vip, NodeId target, ulong move, int count, bool urgent) => _thread.Post(() => _mover.Begin(vip, target, move, count, urgent, _part.Now));

    internal void Acquired(int vip) => _thread.Post(() =>
    {
        _mayCome[vip] = _mover.IsTaking(vip);
        if (!_mayCome[vip]) { _part.Recording.Acquired(vip, moved: false); }
        _mover.Acquired(vip, _part.Now);
    });

    internal void Lost(int vip, bool areKept) => _thread.Post(() =>
    {
        _mayCome[vip] = false;
        _mover.Lost(vip, _part.Now, areKept);
        _part.Recording.Lost(vip, areKept);
    });

    internal void OwnerIs(int vip, NodeId owner) => _thread.Post(() => _mover.OwnerIs(vip, owner));

    internal void Leave() => _thread.Post(_mover.Leave);

    internal void ViewChanged(ClusterView view) => _thread.Post(() => _mover.ViewChanged(view));

    internal void MessageArrived(NodeId sender, ReadOnlySpan<byte> body)
    {
        if (body[1] == (byte)MoveMessageType.Begin) { _part.Unsettle(); }
        byte[] copy = body.ToArray();
        _thread.Post(() => _mover.MessageArrived(sender, copy, _part.Now));
        if (World.Mutation != Mutation.EndIsGo || copy[1] != (byte)MoveMessageType.End) { return; }
        byte[] go = [.. copy];
        go[1] = (byte)MoveMessageType.Go;
        _thread.Post(() => _mover.MessageArrived(sender, go, _part.Now));
    }

    internal TimeSpan Tick(TimeSpan now) => _mover.Tick(now);

    public bool Send(ReadOnlySpan<byte> body)
    {
        if (World.Random.Next(20) == 0) { return false; }   // the engine's queue is full
        if (World.Tracing) { World.Trace(_part.Node, $"move: {(MoveMessageType)body[1]}"); }
        HasAdopted |= body[1] == (byte)MoveMessageType.Ready;
        return _process.Send(MessageKind.HandOver, body);
    }

    public int ConnectionTo(NodeId node) => World.Random.Next(4) == 0 ? 0 : _connections.GetValueOrDefault(node, 1);

    public bool IsConnecting(NodeId node) => World.Random.Next(8) == 0;

    /// <summary>In order, and by itself: it may be much faster or slower than the engine, and end at any time, of which this node hears later; another one may have taken its place by then.</summary>
    public bool SendOnConnection(NodeId node, int connection, ReadOnlySpan<byte> body)
    {
        if (World.Random.Next(20) == 0) { return false; }   // too much waits
        if (World.Tracing) { World.Trace(_part.Node, $"move: {(MoveMessageType)body[1]} on the connection"); }
        SimulatedProcess? other = World.Nodes.First(known => known.Id == node).Process;
        bool lasts = other is not null && !World.Wire.IsCut(_part.Node.Id, node) && World.Random.Next(60) > 0;
        if (connection == _connections.GetValueOrDefault(node, 1) && !lasts) { Disconnect(node); }
        if (connection != _connections.GetValueOrDefault(node, 1)) { return World.Random.Next(2) == 0; }     // it may take some more before it knows
        byte[] copy = body.ToArray();
        TimeSpan at = World.Time.Now + WireNoise.Ms(World.Random.Next(50) == 0 ? 60 * World.Random.NextDouble() : 0.5 * World.Random.NextDouble());
        TimeSpan last = _arrivals.GetValueOrDefault(node);
        _arrivals[node] = at = at > last ? at : last;
        World.Time.At(at, () => other!.Do(process => process.Parts.OfType<SessionPart>().First().Moving.MessageArrived(_part.Node.Id, copy)));
        return true;
    }

    private void Disconnect(NodeId node)
    {
        _connections[node] = _connections.GetValueOrDefault(node, 1) + 1;
        _part.Story.Tally.ConnectionsLost++;
        World.Time.After(WireNoise.Ms(World.Random.Next(4) == 0 ? 2000 * World.Random.NextDouble() : 20 * World.Random.NextDouble()), () => _process.Do(_ => _thread.Post(() => _mover.Disconnected(node))));
    }

    /// <summary>Loops tell of a few in each turn, while bytes come and go; not of all.</summary>
    public void Tell(int vip, ulong move)
    {
        foreach (SessionSockets[] turn in _part.SocketsOf(vip).Chunk(3))
        {
            _thread.Post(() =>
            {
                foreach (SessionSockets sockets in turn)
                {
                    SimulatedSession session = sockets.Session;
                    if (sockets.IsFrozen || _part.Find(session) != sockets || World.Random.Next(5) == 0) { continue; }
                    _told[(move, session.Id)] = (session.Life, sockets.Image);
                    byte[] image = ImageOf(sockets);
                    _thread.Post(() => _mover.Told(vip, move, (ulong)session.Id, image));
                }
            });
        }
        TimeSpan ofManyMore = WireNoise.Ms(World.Random.Next(4) == 0 ? 300 * World.Random.NextDouble() : 0);
        World.Time.After(ofManyMore, () => _process.Do(_ => _thread.Post(() => _thread.Post(() => _mover.AllTold(vip, move)))));
    }

    public void HoldNew(int vip, ulong move) => _thread.Post(() =>
    {
        _process.Ownership.HoldNew(vip, move);
        if (World.Random.Next(3) > 0) { _thread.Post(() => _mover.YoungDone(vip)); }
    });

    public void Freeze(int vip, ulong move) => _thread.Post(() =>
    {
        if (!_process.Ownership.Freeze(vip, move))
        {
            _thread.Post(() => _mover.Froze(vip, move, null, "there is nothing to hand over any more", _part.Now));
            return;
        }
        int count = 0;
        long bytes = 0;
        List<ulong> asTold = [];
        foreach (SessionSockets sockets in _part.SocketsOf(vip))
        {
            if (sockets.IsFrozen) { continue; }
            SimulatedSession session = sockets.Session;
            sockets.IsFrozen = true;
            (session.DescribedAt, session.GapsWhenDescribed) = (_part, _part.Node.Kernel.Gaps(vip));
            count++;
            if (IsAsTold(sockets, move))
            {
                asTold.Add((ulong)session.Id);
                continue;
            }
            byte[] image = ImageOf(sockets);
            bytes += image.Length;
            _thread.Post(() => _mover.Image(vip, move, (ulong)session.Id, image));
        }
        _told.Clear();
        _part.Story.Tally.AsTold += asTold.Count;
        _thread.Post(() => _mover.AsTold(vip, move, [.. asTold]));
        _thread.Post(() => _mover.Froze(vip, move, new(count, 0, bytes, asTold.Count), "", _part.Now));
    });

    public void Moved(int vip, ulong move) => _thread.Post(() =>
    {
        bool released = _process.Ownership.Moved(vip, move);
        _thread.Post(() => _mover.Released(vip, move, released, _part.Now));
    });

    public void Given(int vip) =>
        _part.Recording.Gave(vip, [.. _part.SocketsOf(vip).Where(sockets => sockets.IsFrozen).Select(sockets => (sockets.Session.Id, sockets.Image))]);

    public void Ran(int vip) => _thread.Post(() => _process.Ownership.Ran(vip));

    public void AskMayStay(int vip, ulong move) => _thread.Post(() =>
    {
        bool may = _process.Ownership.MayStay(vip, move);
        _thread.Post(() => _mover.MayStay(vip, move, may, _part.Now));
    });

    public void NotMoved(int vip, ulong move, string reason)
    {
        if (World.Tracing) { World.Trace(_part.Node, $"sessions of vip {vip} are not moved: {reason}"); }
        _part.Story.Tally.MovesKept++;
        _thread.Post(() =>
        {
            bool kept = _process.Ownership.NotMoved(vip, move);
            _thread.Post(() => _mover.Kept(vip, move, kept, _part.Now));
        });
    }

    public void Resume(int vip)
    {
        foreach (SessionSockets sockets in _part.SocketsOf(vip))
        {
            if (sockets.IsFrozen) { (sockets.IsFrozen, sockets.Session.Life) = (false, sockets.Session.Life + 1); }
        }
    }

    public void Forget(int vip, bool given)
    {
        if (given) { _part.CloseAll(vip, frozenOnly: true); }       // what is lost is told of, and ended with the VIP
    }

    public void Expect(int vip)
    {
    }

    public string? Adopt(int vip, ulong id, ReadOnlySpan<byte> image)
    {
        _part.Recording.Drop(vip);      // sockets made of records are in the way
        _came.Remove((long)id);
        int chance = World.Random.Next(400);
        if (chance == 0) { return "it is damaged"; }
        if (_part.Story.Find((long)id) is { } session)      // else its ends know that it has ended
        {
            if (chance < 4)
            {
                _missed.Add(session);
                return null;
            }
            _adopted[session.Id] = (session, BinaryPrimitives.ReadInt32LittleEndian(image[8..]), SessionImage.Read(image[HeadBytes..]));
        }
        return null;
    }

    public void AdoptTold(int vip, ulong id, ReadOnlySpan<byte> image)
    {
        _part.Recording.Drop(vip);
        if (_part.Story.Find((long)id) is { } session)
        {
            _came[session.Id] = (session, BinaryPrimitives.ReadInt32LittleEndian(image[8..]), SessionImage.Read(image[HeadBytes..]));
        }
    }

    public string? Keep(int vip, ReadOnlySpan<ulong> sessions)
    {
        foreach (ulong id in sessions)
        {
            if (_came.Remove((long)id, out (SimulatedSession Session, int Life, SessionImage Image) told)) { _adopted[(long)id] = told; }
            else if (_part.Story.Find((long)id) is not null) { return "it was not told"; }
        }
        return null;
    }

    public MissedSessions Settle(int vip)
    {
        ForgetCame(vip);
        return new(_missed.Count(session => session.Vip == vip), "no room");
    }

    private void ForgetCame(int vip)
    {
        foreach (long id in _came.Where(told => told.Value.Session.Vip == vip).Select(told => told.Key).ToArray()) { _came.Remove(id); }
    }

    public int Run(int vip, ulong move)
    {
        int count = 0;
        foreach ((SimulatedSession session, int life, SessionImage image) in _adopted.Values.Where(adopted => adopted.Session.Vip == vip).ToArray())
        {
            _adopted.Remove(session.Id);
            count++;
            if (session.HasEnded) { continue; }
            if (WrongWith(session, life, image) is { } wrong) { World.Fail($"lb{_part.Node.Id} runs a session {wrong}"); }
            _part.Run(session, image);
            _part.Story.Tally.Moved++;
        }
        foreach (SimulatedSession session in _missed.Where(session => session.Vip == vip).ToArray())
        {
            _missed.Remove(session);
            if (World.Tracing) { World.Trace(_part.Node, $"resets session {session.Id}, for which there is no room"); }
            if (!session.HasEnded && _part.ReachesAny(session)) { _part.Story.End(session); }
        }
        _thread.Post(() => _mover.AllRun(vip, move));
        return count;
    }

    public void Drop(int vip)
    {
        ForgetCame(vip);
        _missed.RemoveAll(session => session.Vip == vip);
        foreach (long id in _adopted.Where(adopted => adopted.Value.Session.Vip == vip).Select(adopted => adopted.Key).ToArray()) { _adopted.Remove(id); }
    }

    public void Cut(int vip)
    {
        // What is left of a lost VIP is ended by the recording.
    }

    public void Gave(MoveOutcome outcome)
    {
        if (World.Tracing) { World.Trace(_part.Node, $"gave {outcome}"); }
    }

    public void Took(int vip, NodeId from, int count, string? trouble)
    {
        if (World.Tracing) { World.Trace(_part.Node, $"took {count} of vip {vip} from lb{from}, {trouble}"); }
        if (!_mayCome[vip]) { return; }
        _mayCome[vip] = false;
        _part.Recording.Acquired(vip, moved: count > 0);
    }

    private static string? WrongWith(SimulatedSession session, int life, in SessionImage image)
    {
        SessionPart from = session.DescribedAt!;
        return from.Find(session) is { } sockets ? $"that is {(sockets.IsFrozen ? "Frozen" : "running")} at lb{from.Node.Id}"
            : session.Life != life ? $"that lb{session.LastRunner?.Node.Id} ran in life {session.Life}, described in life {life}"
            : from.Node.Kernel.Gaps(session.Vip) != session.GapsWhenDescribed ? $"whose packets passed at lb{from.Node.Id} after it was described"
            : session.IsDisputed ? null     // no byte of it is taken until it is found out
            : image.WrongFor(session.Ends);
    }

    private bool IsAsTold(SessionSockets sockets, ulong move) =>
        _told.TryGetValue((move, sockets.Session.Id), out (int Life, SessionImage Image) told)
        && ((told.Life == sockets.Session.Life && told.Image == sockets.Image) || World.Mutation == Mutation.WhatWasToldIsTrue);

    private byte[] ImageOf(SessionSockets sockets)
    {
        SimulatedSession session = sockets.Session;
        byte[] image = new byte[World.Random.Next(16) == 0 ? 20_000 : 200];     // now and then more than one message takes
        BinaryPrimitives.WriteInt64LittleEndian(image, session.Id);
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(8), session.Life);
        sockets.Image.Write(image.AsSpan(HeadBytes));
        return image;
    }
}
