using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Runtime.InteropServices;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Recording;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Recording;

namespace ExchangeLb.Cluster.Tests.Simulation.Sessions;

/// <summary>Quiet sessions that outlive their owner: <see cref="Recorder"/> and what is around it, as the program's recording thread and its proxy do it.</summary>
internal sealed class RecordingSide : IRecordHost
{
    /// <summary>Of no session: what a record says of its addresses is not looked at here.</summary>
    private static readonly ConnectionEnds SomeEnds = new(End("192.0.2.1", 443), End("192.0.2.2", 50_000));

    /// <summary>2 s until it is decided what goes on, <see cref="Recorder.CheckAfter"/>, and 1.7 s of asking; with threads that are late.</summary>
    private static readonly TimeSpan LostAreReset = TimeSpan.FromSeconds(5);

    private readonly SessionPart _part;
    private readonly SimulatedProcess _process;
    private readonly SimulatedThread _thread;
    private readonly Recorder _recorder;
    private readonly RecordBatch?[] _telling;

    /// <summary>Sessions of which those who listen have heard, by VIP.</summary>
    private readonly HashSet<long>[] _introduced;
    private readonly Dictionary<(NodeId Owner, int Vip), Book> _kept = [];

    /// <summary>What was told last of each session, whatever has become of it since.</summary>
    private readonly Dictionary<long, Record> _heard = [];

    /// <summary>Sessions of which sockets were made that send nothing; by VIP.</summary>
    private readonly HashSet<long>?[] _restored;
    private readonly List<Proving>[] _proving;
    private readonly bool[] _isUndecided;
    private readonly int[] _losses;
    private readonly int[] _acquisitions;
    private readonly TimeSpan[] _acquiredAt;
    private bool _hasPeers;
    private long _order;

    internal RecordingSide(SessionPart part, SimulatedProcess process)
    {
        (_part, _process) = (part, process);
        _thread = new(part.World, process);
        int vips = part.World.Model.Vips.Length;
        (_telling, _restored, _losses, _acquisitions, _acquiredAt) = (new RecordBatch?[vips], new HashSet<long>?[vips], new int[vips], new int[vips], new TimeSpan[vips]);
        _isUndecided = new bool[vips];
        _introduced = [.. Enumerable.Range(0, vips).Select(_ => new HashSet<long>())];
        _proving = [.. Enumerable.Range(0, vips).Select(_ => new List<Proving>())];
        _recorder = new(part.World.Model, process.Node.Id, process.Incarnation, this, isKept: true);
    }

    private enum Stand : byte
    {
        Active,
        Quiet,
        Ended,
    }

    private SimulatedWorld World => _part.World;

    internal bool Has(SimulatedSession session) =>
        _restored[session.Vip]?.Contains(session.Id) == true || _proving[session.Vip].Exists(proving => proving.Records.ContainsKey(session.Id));

    /// <summary>This node, which owns its VIP, was told in time that nobody goes on with the session, and has had time to ask its ends.</summary>
    internal bool HasToReset(SimulatedSession session) =>
        session.ListedAt.TryGetValue(_part, out TimeSpan at) && _acquiredAt[session.Vip] < at + Recorder.KeptAfterwards - TimeSpan.FromSeconds(3)
        && _part.Now - at >= LostAreReset && _part.Now - _acquiredAt[session.Vip] >= LostAreReset;

    internal string? LeftOver()
    {
        for (int vip = 0; vip < _losses.Length; vip++)
        {
            if (_restored[vip] is not null) { return $"lb{_part.Node.Id} still has sockets made of records of vip {vip}"; }
            if (_process.Withheld(vip)) { return $"lb{_part.Node.Id} still keeps itself from vip {vip}"; }
        }
        return null;
    }

    /// <param name="moved">The sessions came along, and run.</param>
    internal void Acquired(int vip, bool moved)
    {
        _thread.Post(() =>
        {
            _recorder.Acquired(vip, moved, _part.Now);
            if (_proving[vip].Count == 0) { _isUndecided[vip] = false; }
        });
        int acquisition = ++_acquisitions[vip];
        _acquiredAt[vip] = _part.Now;
        if (!moved) { Expect(vip, acquisition); }
    }

    internal void Acquiring(int vip) => _isUndecided[vip] = true;

    /// <summary>It is being found out which of those that others told of go on, or will be.</summary>
    internal bool IsUndecided(int vip) => _isUndecided[vip];

    internal void Lost(int vip, bool areKept)
    {
        _acquisitions[vip]++;
        _thread.Post(() =>
        {
            if (areKept) { _recorder.Slipped(vip); }
            else { _recorder.Lost(vip); }
        });
    }

    internal void Withhold(int vip)
    {
        _losses[vip]++;
        if (World.Mutation != Mutation.SessionsAreNotAbandoned) { _process.Withhold(vip, true); }
    }

    internal void Gave(int vip, (long Id, SessionImage Image)[] given) => _thread.Post(() =>
    {
        if (_recorder.Gave(vip, _part.Now) is not { } incarnation) { return; }
        Book book = _kept[(_part.Node.Id, vip)] = new(incarnation, []);
        foreach ((long id, SessionImage image) in given) { book.Records[id] = new(Stand.Quiet, image, ++_order, false); }
    });

    internal void OwnerIs(int vip, NodeId owner) => _thread.Post(() => _recorder.OwnerIs(vip, owner, _part.Now));

    internal void Contending(int vip) => _thread.Post(() => _recorder.Contending(vip));

    internal void RivalMet(int vip) => _thread.Post(() => _recorder.RivalMet(vip, _part.Now));

    internal void ViewChanged(ClusterView view)
    {
        _hasPeers = view.Members.Length > 1;
        _thread.Post(() => _recorder.ViewChanged(view, _part.Now));
    }

    internal void MessageArrived(NodeId sender, ReadOnlySpan<byte> body)
    {
        byte[] copy = body.ToArray();
        if (!RecordMessages.TryRead(body, out uint key, out bool areLost, out ReadOnlySpan<byte> records)) { return; }
        if (areLost) { NoteLost(Array.FindIndex([.. World.Model.Vips], vip => OwnershipMessages.KeyOf(vip) == key), records); }
        else { Hear(records); }
        _thread.Post(() => _recorder.MessageArrived(sender, copy, _part.Now));
    }

    /// <summary>What the guard left of an earlier life's sessions.</summary>
    internal void TakeLeft(byte[] file) => _thread.Post(() =>
    {
        HashSet<int> taken = [];
        KeptRecords.Read(file, _part.Node.Clock, (address, _, batch) =>
        {
            int vip = VipPlaces.Find(_part.Node.Model.Vips, address);
            if (vip < 0 || !_recorder.TakesOwn(vip)) { return; }
            Take(_part.Node.Id, vip, batch, left: true);
            Hear(batch);
            taken.Add(vip);
        });
        foreach (int vip in taken) { _recorder.Contending(vip); }
    });

    /// <summary>The guard knows nothing yet.</summary>
    internal void KeeperCame() => _thread.Post(() => _recorder.KeeperCame(_part.Now));

    /// <summary>It keeps what an earlier life of its node told.</summary>
    internal bool HasOwn(int vip) => _kept.ContainsKey((_part.Node.Id, vip));

    internal TimeSpan Tick(TimeSpan now) => _recorder.Tick(now);

    /// <summary>Told when it changes; and at once, so that the word that it is active leaves in the turn in which bytes pass.</summary>
    internal void SayStand(SessionSockets sockets, bool quiet)
    {
        if (sockets.IsTold && sockets.IsQuiet == quiet) { return; }
        (sockets.IsTold, sockets.IsQuiet) = (true, quiet);
        sockets.IsHeld |= quiet && _part.Guard.Watches(_part) && World.Random.Next(20) != 0;
        Say(sockets, quiet ? Stand.Quiet : Stand.Active);
    }

    internal void SayEnded(SessionSockets sockets) => Say(sockets, Stand.Ended);

    public void Begin(int vip, ulong incarnation)
    {
        _telling[vip] = new(Address(vip), incarnation, records => Tell(vip, records));
        _introduced[vip].Clear();
        foreach (SessionSockets sockets in _part.SocketsOf(vip)) { Say(sockets, sockets.IsQuiet ? Stand.Quiet : Stand.Active); }
    }

    public void End(int vip)
    {
        _telling[vip] = null;
        _part.Guard.Forget(_part, Address(vip));
    }

    public string? Take(NodeId owner, int vip, ReadOnlySpan<byte> records) => Take(owner, vip, records, left: false);

    private string? Take(NodeId owner, int vip, ReadOnlySpan<byte> records, bool left)
    {
        RecordReader reader = new(records);
        ulong incarnation = reader.Incarnation;
        if (!_kept.TryGetValue((owner, vip), out Book? book) || book.Incarnation < incarnation)
        {
            _kept[(owner, vip)] = book = new(incarnation, []);
        }
        if (book.Incarnation != incarnation) { return "of an earlier time"; }
        while (reader.TryNext(out SessionRecord record))
        {
            long id = (long)record.Session;
            if (record.Kind == RecordKind.Ended) { book.Records.Remove(id); }
            else if (Next(record, book.Records.GetValueOrDefault(id)) is { } next) { book.Records[id] = next with { Order = ++_order, IsLeft = left }; }
        }
        return reader.Problem;
    }

    public void Forget(NodeId owner, int vip) => _kept.Remove((owner, vip));

    public void Restore(int vip) => _restored[vip] = [.. All(vip).Keys];

    public void Drop(int vip) => _restored[vip] = null;

    public void TakeOver(int vip)
    {
        Proving proving = new(All(vip), _part.Now);
        _restored[vip] = null;
        foreach ((NodeId Owner, int Vip) book in _kept.Keys.Where(book => book.Vip == vip).ToArray()) { _kept.Remove(book); }
        _proving[vip].Add(proving);
        // Both sides of each are asked, which takes up to two seconds.
        EndAfter(WireNoise.Ms(World.Random.Next(4) == 0 ? 2000 * World.Random.NextDouble() : 10), vip, proving);
    }

    private void EndAfter(TimeSpan time, int vip, Proving proving) => World.Time.After(time, () => _process.Do(_ =>
    {
        if (!_proving[vip].Remove(proving)) { return; }
        foreach ((long id, Record record) in proving.Records)
        {
            if (!proving.IsCalledOff && _part.Story.Find(id) is { } session) { Decide(session, record, proving.Began); }
        }
        _isUndecided[vip] = false;
        _thread.Post(() => _recorder.TookOver(vip, _part.Now));
    }));

    public void Abandon(int vip)
    {
        if (World.Mutation == Mutation.SessionsAreNotAbandoned) { return; }
        foreach (Proving proving in _proving[vip])
        {
            proving.IsCalledOff = true;
            EndAfter(WireNoise.Ms(20 * World.Random.NextDouble()), vip, proving);
        }
        World.Time.After(WireNoise.Ms(World.Random.Next(10) == 0 ? 40 : 3 * World.Random.NextDouble()), () => _process.Do(_ =>
        {
            SayLost(vip);
            _part.CloseAll(vip, frozenOnly: false);
            _thread.Post(() => _recorder.Abandoned(vip));
        }));
    }

    /// <summary>Both ends of all sessions are asked where they stand; who is not reached is asked again.</summary>
    public void Check(int vip)
    {
        if (World.Mutation == Mutation.OwnersDoNotCheck) { return; }
        Ask(vip, _acquisitions[vip], rounds: 8);
    }

    /// <summary>With the time as owner all asking ends here.</summary>
    public void StopAsking(int vip)
    {
    }

    public bool TellLost(int vip, ReadOnlySpan<byte> records)
    {
        byte[] body = new byte[RecordMessages.HeaderBytes + records.Length];
        RecordMessages.WriteHeader(body, OwnershipMessages.KeyOf(World.Model.Vips[vip]), areLost: true);
        records.CopyTo(body.AsSpan(RecordMessages.HeaderBytes));
        return (World.IsQuiet || World.Random.Next(50) != 0) && _process.Send(MessageKind.Records, body, atOnce: true);
    }

    /// <summary>Both ends are asked where they stand, up to 1.7 s long; but the kernel makes no second socket of a session that has one here.</summary>
    public void ResetLost(int vip, ReadOnlySpan<byte> records)
    {
        if (World.Mutation == Mutation.LostSessionsAreLeft) { return; }
        long[] lost = MemoryMarshal.Cast<byte, long>(records).ToArray();
        int acquisition = _acquisitions[vip];
        TimeSpan began = _part.Now;
        World.Time.After(WireNoise.Ms(World.Random.Next(4) == 0 ? 1700 * World.Random.NextDouble() : 60), () => _process.Do(_ =>
        {
            foreach (long id in lost)
            {
                if (_part.Story.Find(id) is { HasEnded: false } session) { ResetLost(session, acquisition, began); }
            }
        }));
    }

    public void Cleared(int vip, int losses) => _thread.Post(() =>
    {
        if (losses == _losses[vip]) { _process.Withhold(vip, false); }
    });

    private void Ask(int vip, int acquisition, int rounds) => World.Time.After(WireNoise.Ms(20 + (480 * World.Random.NextDouble())), () => _process.Do(_ =>
    {
        if (_acquisitions[vip] != acquisition) { return; }
        bool someAreLeft = false;
        foreach (SessionSockets sockets in _part.SocketsOf(vip).ToArray())
        {
            SimulatedSession session = sockets.Session;
            if (sockets.IsFrozen || !_part.Node.Kernel.Passes(vip) || !_part.ReachesBoth(session)) { someAreLeft = true; }
            else if (!session.HasEnded && sockets.Image != session.Ends)
            {
                if (World.Tracing) { World.Trace(_part.Node, $"resets session {session.Id}, which went on elsewhere"); }
                _part.Story.Tally.Overtaken++;
                _part.Reset(sockets);
            }
        }
        if (someAreLeft && rounds > 1) { Ask(vip, acquisition, rounds - 1); }
    }));

    private void ResetLost(SimulatedSession session, int acquisition, TimeSpan began)
    {
        bool isHere = _part.Find(session) is not null || _part.Moving.Has(session) || Has(session);
        if (isHere && World.Mutation != Mutation.LostSessionsAreAllReset)
        {
            Excuse(session, began);     // it runs, or is decided upon by what is recorded of it
            return;
        }
        if (_acquisitions[session.Vip] != acquisition || !_part.Node.Kernel.Passes(session.Vip) || !_part.ReachesAny(session))
        {
            Excuse(session, began);     // it was not asked, or did not hear that it was
            return;
        }
        if (session.Runners.Find(runner => runner.Owns(session.Vip) && runner.Node.Kernel.Accepts(session.Vip) && runner.ReachesBoth(session)) is { } runner)
        {
            World.Fail($"lb{_part.Node.Id} resets session {session.Id}, which lb{runner.Node.Id} runs");
            return;
        }
        if (World.Tracing) { World.Trace(_part.Node, $"resets session {session.Id}, which its owner had lost"); }
        _part.Story.Tally.Listed++;
        _part.Story.End(session);
    }

    /// <summary>For the judge: what it was told by then is used up. Should it be told again, it has to reset the session.</summary>
    private void Excuse(SimulatedSession session, TimeSpan began)
    {
        if (session.ListedAt.TryGetValue(_part, out TimeSpan at) && at <= began) { session.ListedAt.Remove(_part); }
    }

    private void SayLost(int vip)
    {
        byte[] lost = MemoryMarshal.AsBytes<long>([.. _part.SocketsOf(vip).Select(sockets => sockets.Session.Id)]).ToArray();
        if (lost.Length == 0) { return; }
        NoteLost(vip, lost);
        _thread.Post(() => _recorder.Abandoning(vip, lost, _part.Now));
    }

    /// <summary>For the judge: should this node be owner, or soon, it has to reset them.</summary>
    private void NoteLost(int vip, ReadOnlySpan<byte> records)
    {
        foreach (long id in MemoryMarshal.Cast<byte, long>(records))
        {
            if (_part.Story.Find(id) is { HasEnded: false } session && session.Vip == vip) { session.ListedAt[_part] = _part.Now; }
        }
    }

    /// <summary>Both ends have been asked where they stand; who is not reached does not answer.</summary>
    private void Decide(SimulatedSession session, in Record record, TimeSpan began)
    {
        if (_part.Find(session) is not null) { return; }    // it came along
        bool passes = _part.Node.Kernel.Passes(session.Vip);
        bool isTrue = record.Image == session.Ends || (record.IsLeft && World.Mutation == Mutation.WhatWasLeftIsTrue);
        if (record.Stand == Stand.Quiet && passes && _part.ReachesBoth(session) && isTrue)
        {
            if (World.Tracing) { World.Trace(_part.Node, $"goes on with session {session.Id}"); }
            if (session.Runners.Exists(runner => runner.Node.Kernel.Accepts(session.Vip)))
            {
                session.IsDisputed = true;
                _part.Story.Tally.Disputed++;
            }
            foreach (SessionPart runner in session.Runners)     // who has lost the VIP, or stands still, may get it again before it hears of this
            {
                if (runner.Keeps(session.Vip) || runner.Owns(session.Vip)) { runner.Find(session)!.MayBeStale = true; }
            }
            _part.Run(session, record.Image!.Value);
            _part.Story.Tally.Continued++;
            _part.Story.Tally.ContinuedAsLeft += record.IsLeft ? 1 : 0;
            return;
        }
        if (!passes || !_part.ReachesAny(session))
        {
            Excuse(session, began);
            return;
        }
        if (World.Tracing) { World.Trace(_part.Node, $"resets session {session.Id}, recorded {record}, its ends {session.Ends}"); }
        _part.Story.Tally.Reset++;
        _part.Story.End(session);
    }

    /// <summary>The latest word of each session, whoever gave it; but where that says no more than that there is one, what was said when it was quiet.</summary>
    private Dictionary<long, Record> All(int vip)
    {
        Dictionary<long, Record> all = [];
        Dictionary<long, Record> quiet = [];
        foreach (((_, int of), Book book) in _kept)
        {
            if (of != vip) { continue; }
            foreach ((long id, Record record) in book.Records)
            {
                if (!all.TryGetValue(id, out Record? other) || other.Order < record.Order) { all[id] = record; }
                if (record.Stand == Stand.Quiet && (!quiet.TryGetValue(id, out other) || other.Order < record.Order)) { quiet[id] = record; }
            }
        }
        foreach ((long id, Record record) in quiet)
        {
            if (all[id].Image is null) { all[id] = record; }
        }
        return all;
    }

    /// <summary>What was heard to be quiet, is so still, and has both ends in reach, can be kept: when all are proved it is looked whether it was.</summary>
    private void Expect(int vip, int acquisition)
    {
        SimulatedSession[] keepable =
        [
            .. _part.Story.Of(vip).Where(session => _heard.TryGetValue(session.Id, out Record? heard) && heard.Stand == Stand.Quiet && heard.Image == session.Ends
                && !(session.IsSilent && session.Runners.Count == 0 && session.ListedAt.Count > 0)      // lost, and only waiting to be reset
                && _part.ReachesBoth(session) && !session.Runners.Exists(runner => runner.Node.Kernel.Accepts(vip))),
        ];
        if (keepable.Length == 0) { return; }
        World.Time.After(TimeSpan.FromSeconds(2.2), () =>
        {
            if (_acquisitions[vip] != acquisition || !_part.Owns(vip) || SessionStory.At(_part.Node) != _part) { return; }
            _part.Story.Tally.Keepable += keepable.Length;
            _part.Story.Tally.Kept += keepable.Count(session => session.LastRunner == _part || _part.Find(session)?.Image == session.Ends);
        });
    }

    private void Say(SessionSockets sockets, Stand stand)
    {
        SimulatedSession session = sockets.Session;
        if (_telling[session.Vip] is not { } batch) { return; }
        ulong id = (ulong)session.Id;
        HashSet<long> introduced = _introduced[session.Vip];
        if (stand == Stand.Quiet)
        {
            Span<byte> image = stackalloc byte[SessionImage.Bytes];
            sockets.Image.Write(image);
            batch.Quiet(id, image);
            introduced.Add(session.Id);
        }
        else if (stand == Stand.Ended)
        {
            batch.Ended(id);
            introduced.Remove(session.Id);
        }
        else if (introduced.Add(session.Id))
        {
            batch.Established(id, SomeEnds, SomeEnds);
        }
        else
        {
            batch.Active(id);
        }
        batch.Tell();
    }

    private void Tell(int vip, ReadOnlySpan<byte> records)
    {
        byte[] body = new byte[RecordMessages.HeaderBytes + records.Length];
        RecordMessages.WriteHeader(body, OwnershipMessages.KeyOf(World.Model.Vips[vip]));
        records.CopyTo(body.AsSpan(RecordMessages.HeaderBytes));
        bool kept = _part.Guard.Keep(_part, records);
        bool full = !World.IsQuiet && World.Random.Next(50) == 0;
        if (!kept | (_hasPeers && (full || !_process.Send(MessageKind.Records, body)))) { _thread.Post(_recorder.SomeWereLost); }
    }

    private void Hear(ReadOnlySpan<byte> records)
    {
        RecordReader reader = new(records);
        while (reader.TryNext(out SessionRecord record))
        {
            long id = (long)record.Session;
            if (Next(record, _heard.GetValueOrDefault(id)) is { } next) { _heard[id] = next; }
            else { _heard.Remove(id); }
        }
    }

    /// <summary>What is known of a session when this has been heard; null: nothing.</summary>
    private static Record? Next(in SessionRecord record, Record? former) => record.Kind switch
    {
        RecordKind.Established => new(Stand.Active, null, 0, false),
        RecordKind.Quiet => new(Stand.Quiet, SessionImage.Read(record.Image), 0, false),
        RecordKind.Active => former is null ? null : former with { Stand = Stand.Active },
        _ => null,
    };

    private UInt128 Address(int vip) => SockAddress.From(new IPEndPoint(World.Model.Vips[vip].Address, 0)).Mapped;

    private static SockAddress End(string address, int port) => SockAddress.From(new IPEndPoint(IPAddress.Parse(address), port));

    /// <param name="Image">Null: it has not been told to be quiet.</param>
    /// <param name="IsLeft">By the guard of this node, of an earlier life.</param>
    private sealed record Record(Stand Stand, SessionImage? Image, long Order, bool IsLeft);

    private sealed record Book(ulong Incarnation, Dictionary<long, Record> Records);

    private sealed class Proving(Dictionary<long, Record> records, TimeSpan began)
    {
        internal Dictionary<long, Record> Records => records;

        internal TimeSpan Began => began;

        /// <summary>The VIP was lost meanwhile.</summary>
        internal bool IsCalledOff { get; set; }
    }
}
