using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Recording;
using ExchangeLb.Cluster.Tests.Engine.Simulated;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>
/// Sessions at whoever owns a VIP, told to the others, who go on with the quiet ones when the owner is gone. How far a session has got only its client and
/// its server know for sure; that is its life here, and what a record says of it is compared with that before anybody goes on. Never may a node
/// own a VIP, and so answer for its addresses, with sockets left from an earlier time: somebody else may have gone on with these sessions.
/// </summary>
internal sealed class QuietSessions : ISimulatedParts
{
    private readonly Dictionary<long, Session> _sessions = [];
    private long _next;

    /// <summary>Gone on with at another node, and reset there.</summary>
    internal int ContinuedTotal { get; private set; }
    internal int ResetTotal { get; private set; }

    /// <summary>Quiet for long where they run, and the others were told.</summary>
    internal int QuietAt(SimulatedNode node) => _sessions.Values.Count(session => session is { IsQuiet: true, HasEnded: false } && session.At?.Node == node);

    internal int At(SimulatedNode node) => _sessions.Values.Count(session => !session.HasEnded && session.At?.Node == node);

    public ISimulatedPart Create(SimulatedWorld world, SimulatedProcess process) => new Part(this, world, process);

    public string? ViolationAfterQuiet(SimulatedWorld world)
    {
        foreach (Part part in world.Nodes.Select(node => node.Process?.Parts.OfType<Part>().SingleOrDefault()).OfType<Part>())
        {
            if (part.LeftOver() is { } wrong) { return wrong; }
        }
        return null;
    }

    private sealed class Session(long id, int vip)
    {
        internal long Id => id;
        internal int Vip => vip;

        /// <summary>Rises with each byte that client or server has seen.</summary>
        internal int Life { get; set; }
        internal bool IsQuiet { get; set; }
        internal bool HasEnded { get; set; }

        /// <summary>Where it goes on now; null: nowhere, and neither end was told.</summary>
        internal Part? At { get; set; }
    }

    private readonly record struct Record(int Life, bool IsQuiet);

    private sealed class Part : ISimulatedPart, IRecordHost
    {
        private const int SessionsMax = 8;
        private static readonly TimeSpan TidiedUp = TimeSpan.FromSeconds(2.5);
        private const int RecordBytes = RecordMessages.HeaderBytes + 21;

        private readonly QuietSessions _all;
        private readonly SimulatedWorld _world;
        private readonly SimulatedProcess _process;
        private readonly Recorder _recorder;
        private readonly Dictionary<int, ulong> _telling = [];
        private readonly Dictionary<(NodeId Owner, int Vip), (ulong Incarnation, Dictionary<long, Record> Records)> _kept = [];

        /// <summary>Sessions of which this process has sockets that speak.</summary>
        private readonly HashSet<Session> _held = [];
        private readonly HashSet<int> _owned = [];
        private readonly HashSet<int> _restored = [];
        private readonly int[] _losses;
        private TimeSpan _unsettledAt = TimeSpan.FromDays(-1);
        private TimeSpan _postedAt;
        private TimeSpan _nextMoment;
        private bool _ended;

        internal Part(QuietSessions all, SimulatedWorld world, SimulatedProcess process)
        {
            (_all, _world, _process) = (all, world, process);
            _losses = new int[world.Model.Vips.Length];
            _recorder = new(world.Model, process.Node.Id, process.Incarnation, this);
        }

        internal SimulatedNode Node => _process.Node;

        private TimeSpan Now => Node.Local(_world.Time.Now);

        /// <summary>With a short lease and lost messages a VIP may be lost, or asked for, at the very end; then there must be time to tidy up.</summary>
        internal string? LeftOver() =>
            _world.Time.Now - _unsettledAt < TidiedUp ? null
            : _held.FirstOrDefault(session => !_owned.Contains(session.Vip)) is { } session ? $"lb{Node.Id} still has sockets of a session of vip {session.Vip}, which it does not own"
            : _restored.Any(vip => !_owned.Contains(vip)) ? $"lb{Node.Id} still has sockets made of records of a VIP that it does not own"
            : Enumerable.Range(0, _losses.Length).Any(vip => _process.Withheld(vip)) ? $"lb{Node.Id} still keeps itself from a VIP"
            : null;

        public void ViewChanged(ClusterView view) => Post(() => _recorder.ViewChanged(view, Now));

        public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
        {
            if (kind != MessageKind.Records) { return; }
            byte[] copy = body.ToArray();
            Post(() => _recorder.MessageArrived(sender, copy));
        }

        public void Acquired(int vip, uint epoch)
        {
            if (_held.FirstOrDefault(session => session.Vip == vip) is { } left)
            {
                _world.Fail($"lb{Node.Id} owns vip {vip} again with sockets of session {left.Id} from an earlier time; it goes on at lb{left.At?.Node.Id}");
            }
            _owned.Add(vip);
            Post(() => _recorder.Acquired(vip, moved: false, Now));
        }

        public void Contending(int vip)
        {
            _unsettledAt = _world.Time.Now;
            Post(() => _recorder.Contending(vip));
        }

        public void OwnerChanged(int vip, NodeId? owner)
        {
            if (owner is { } other) { Post(() => _recorder.OwnerIs(vip, other)); }
        }

        public void Lost(int vip)
        {
            _owned.Remove(vip);
            (_losses[vip], _unsettledAt) = (_losses[vip] + 1, _world.Time.Now);
            if (_world.Mutation != Mutation.SessionsAreNotAbandoned) { _process.Withhold(vip, true); }
            Post(() => _recorder.Lost(vip));
        }

        public void Ended()
        {
            _ended = true;
            bool goodbye = Node.IsUp && _world.Random.Next(2) == 0; // the kernel ends what a dead process leaves, unless its guard keeps it from that
            foreach (Session session in _held)
            {
                if (session.At != this) { continue; }
                session.At = null;
                session.HasEnded = goodbye || session.HasEnded;
            }
            _held.Clear();
        }

        public TimeSpan Tick(TimeSpan now)
        {
            TimeSpan due = _recorder.Tick(now);
            if (_owned.Count == 0 || _world.IsQuiet) { return due; }
            if (now >= _nextMoment)
            {
                _nextMoment = now + WireNoise.Ms(5 + (40 * _world.Random.NextDouble()));
                foreach (int vip in _owned) { LetTimePass(vip); }
            }
            return _nextMoment < due ? _nextMoment : due;
        }

        public void Begin(int vip, ulong incarnation)
        {
            _telling[vip] = incarnation;
            foreach (Session session in _held.Where(session => session.Vip == vip && !session.HasEnded)) { Say(session); }
        }

        public void End(int vip) => _telling.Remove(vip);

        public string? Take(NodeId owner, int vip, ReadOnlySpan<byte> records)
        {
            ulong incarnation = BinaryPrimitives.ReadUInt64LittleEndian(records);
            if (!_kept.TryGetValue((owner, vip), out (ulong Incarnation, Dictionary<long, Record> Records) book) || book.Incarnation < incarnation)
            {
                _kept[(owner, vip)] = book = (incarnation, []);
            }
            if (book.Incarnation != incarnation) { return "of an earlier time"; }
            book.Records[BinaryPrimitives.ReadInt64LittleEndian(records[8..])] = new(BinaryPrimitives.ReadInt32LittleEndian(records[16..]), records[20] != 0);
            return null;
        }

        public void Forget(NodeId owner, int vip) => _kept.Remove((owner, vip));

        public void Restore(int vip) => _restored.Add(vip);

        public void Drop(int vip) => _restored.Remove(vip);

        public void TakeOver(int vip)
        {
            _restored.Remove(vip);
            Dictionary<long, Record> records = [];
            foreach ((NodeId Owner, int Vip) book in _kept.Keys.Where(book => book.Vip == vip).ToArray())
            {
                foreach ((long id, Record record) in _kept[book].Records) { records[id] = record; }
                _kept.Remove(book);
            }
            // Both sides of each are asked, which takes up to two seconds.
            _world.Time.After(WireNoise.Ms(_world.Random.Next(4) == 0 ? 2000 * _world.Random.NextDouble() : 10), () => _process.Do(_ =>
            {
                foreach ((long id, Record record) in records) { Decide(_all._sessions[id], record); }
                foreach (Session unknown in _all._sessions.Values.Where(session => session.Vip == vip && session.At is null)) { unknown.HasEnded = true; }
                Post(() => _recorder.TookOver(vip, Now));
            }));
        }

        public void Abandon(int vip)
        {
            if (_world.Mutation == Mutation.SessionsAreNotAbandoned) { return; }
            _world.Time.After(WireNoise.Ms(_world.Random.Next(10) == 0 ? 40 : 3 * _world.Random.NextDouble()), () => _process.Do(_ =>
            {
                foreach (Session session in _held.Where(session => session.Vip == vip).ToArray())
                {
                    _held.Remove(session);
                    if (session.At == this) { session.At = null; }
                }
                Post(() => _recorder.Abandoned(vip));
            }));
        }

        public void Cleared(int vip, int losses) => Post(() =>
        {
            if (losses == _losses[vip]) { _process.Withhold(vip, false); }
        });

        private void Decide(Session session, Record record)
        {
            if (session.HasEnded || session.At == this) { return; }
            if (session.At is not null && session.At.Node.Kernel.Accepts(session.Vip)) { return; } // its client and its server still speak with that one, and this node's kernel does not hear them
            if (!record.IsQuiet || record.Life != session.Life || !Node.Kernel.Accepts(session.Vip))
            {
                session.HasEnded = true;
                _all.ResetTotal++;
                return;
            }
            session.At = this;
            _held.Add(session);
            _all.ContinuedTotal++;
        }

        private void LetTimePass(int vip)
        {
            Session[] mine = [.. _held.Where(session => session.Vip == vip && session.At == this && !session.HasEnded)];
            if (mine.Length < SessionsMax)
            {
                Session session = new(++_all._next, vip) { At = this };
                _all._sessions[session.Id] = session;
                _held.Add(session);
                Say(session);
            }
            foreach (Session session in mine)
            {
                int what = _world.Random.Next(40);
                if (what == 0)
                {
                    session.HasEnded = true;
                    _held.Remove(session);
                    continue;
                }
                bool quiet = what > 3;
                if (!quiet && Node.Kernel.Accepts(vip)) { session.Life++; }
                if (quiet == session.IsQuiet) { continue; }
                session.IsQuiet = quiet;
                Say(session);
            }
        }

        private void Say(Session session)
        {
            if (!_telling.TryGetValue(session.Vip, out ulong incarnation)) { return; }
            byte[] body = new byte[RecordBytes];
            RecordMessages.WriteHeader(body, OwnershipMessages.KeyOf(_world.Model.Vips[session.Vip]));
            Span<byte> record = body.AsSpan(RecordMessages.HeaderBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(record, incarnation);
            BinaryPrimitives.WriteInt64LittleEndian(record[8..], session.Id);
            BinaryPrimitives.WriteInt32LittleEndian(record[16..], session.Life);
            record[20] = session.IsQuiet ? (byte)1 : (byte)0;
            bool full = !_world.IsQuiet && _world.Random.Next(50) == 0;
            if (full || !_process.Send(MessageKind.Records, body)) { Post(_recorder.SomeWereLost); }
        }

        /// <summary>From one thread of the process to another: in order, a moment later.</summary>
        private void Post(Action action)
        {
            TimeSpan at = _world.Time.Now + WireNoise.Ms(1.5 * _world.Random.NextDouble());
            _postedAt = at > _postedAt ? at : _postedAt;
            _world.Time.At(_postedAt, () => _process.Do(_ =>
            {
                if (!_ended) { action(); }
            }));
        }
    }
}
