using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>
/// Established sessions at whoever owns a VIP, moved along with it. Each is described as it is when it freezes; a description is good for one life only:
/// once the session has gone on, anywhere, or has ended, to run it again would be the end of its TCP connections, or worse.
/// </summary>
internal sealed class MovingSessions : ISimulatedParts
{
    private readonly Dictionary<long, Session> _sessions = [];
    private long _next;

    private enum Stand
    {
        Runs,
        Frozen,

        /// <summary>Gone from its owner without a packet, to be run by the target.</summary>
        Forgotten,
        Ended,
    }

    internal static bool HasAdopted(SimulatedNode node) => node.Process?.Parts.OfType<Part>().Single().HasAdopted == true;

    /// <summary>Sessions that were forgotten by their owner and run nowhere.</summary>
    internal int ForgottenTotal => _sessions.Values.Count(session => session.Stand == Stand.Forgotten);

    public ISimulatedPart Create(SimulatedWorld world, SimulatedProcess process) => new Part(this, world, process);

    public string? ViolationAfterQuiet(SimulatedWorld world)
    {
        foreach (Part part in world.Nodes.Select(node => node.Process?.Parts.OfType<Part>().Single()).OfType<Part>())
        {
            if (part.Waiting() is { } wrong) { return wrong; }
        }
        return null;
    }

    private sealed class Session(long id, int vip)
    {
        internal long Id => id;
        internal int Vip => vip;
        internal Stand Stand { get; set; }
        internal Part? At { get; set; }
        internal int Life { get; set; }

        /// <summary>Of its owner's kernel.</summary>
        internal int GapsWhenFrozen { get; set; }
        internal TimeSpan EndsAt { get; init; }
    }

    private sealed class Part : ISimulatedPart, IMoveHost
    {
        private const int SessionsMax = 12;

        private readonly MovingSessions _all;
        private readonly SimulatedWorld _world;
        private readonly SimulatedProcess _process;
        private readonly Mover _mover;
        private readonly Dictionary<long, (int Vip, int Life)> _adopted = [];
        private readonly HashSet<int> _owned = [];
        private TimeSpan _postedAt;
        private TimeSpan _nextSession;
        private bool _ended;

        internal Part(MovingSessions all, SimulatedWorld world, SimulatedProcess process)
        {
            (_all, _world, _process) = (all, world, process);
            _mover = new(world.Model, process.Node.Id, this);
        }

        public int BodyMaxBytes => (16 * 1024) - Envelope.HeaderBytes;

        public string? Lack => null;

        public bool IsIdle => _mover.IsIdle;

        /// <summary>All that is to move is here, and waits for the owner's word.</summary>
        internal bool HasAdopted { get; private set; }

        private TimeSpan Now => _process.Node.Local(_world.Time.Now);

        private IEnumerable<Session> Mine(int vip, Stand stand) => _all._sessions.Values.Where(session => session.At == this && session.Vip == vip && session.Stand == stand);

        internal string? Waiting() =>
            _adopted.Count > 0 ? $"lb{_process.Node.Id} still has {_adopted.Count} sessions that it neither runs nor dropped"
            : _all._sessions.Values.Any(session => session.At == this && session.Stand == Stand.Frozen) ? $"lb{_process.Node.Id} still has frozen sessions"
            : null;

        public void ViewChanged(ClusterView view) => Post(() => _mover.ViewChanged(view));

        public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
        {
            if (kind != MessageKind.HandOver) { return; }
            byte[] copy = body.ToArray();
            Post(() => _mover.MessageArrived(sender, copy, Now));
            if (_world.Mutation != Mutation.EndIsGo || copy[1] != (byte)MoveMessageType.End) { return; }
            byte[] go = [.. copy];
            go[1] = (byte)MoveMessageType.Go;
            Post(() => _mover.MessageArrived(sender, go, Now));
        }

        public void Acquired(int vip, uint epoch)
        {
            _owned.Add(vip);
            Post(() => _mover.Acquired(vip, Now));
        }

        public bool HandingOver(int vip, NodeId target, ulong move)
        {
            int count = Mine(vip, Stand.Runs).Count();
            if (count == 0) { return false; }
            Post(() => _mover.Begin(vip, target, move, count, Now));
            return true;
        }

        public void OwnerChanged(int vip, NodeId? owner)
        {
            if (owner is { } other && other != _process.Node.Id) { Post(() => _mover.OwnerIs(vip, other)); }
        }

        public void Lost(int vip)
        {
            _owned.Remove(vip);
            Forget(vip);
            Cut(vip);
            Post(() => _mover.Lost(vip, Now));
        }

        public void Leave() => Post(() => _mover.Leave());

        public void Ended()
        {
            _ended = true;
            foreach (Session session in _all._sessions.Values.Where(session => session.At == this && session.Stand is Stand.Runs or Stand.Frozen)) { session.Stand = Stand.Ended; }
            _adopted.Clear();
        }

        public TimeSpan Tick(TimeSpan now)
        {
            foreach (Session session in _all._sessions.Values.Where(session => session.At == this && session.Stand == Stand.Runs && session.EndsAt <= _world.Time.Now)) { session.Stand = Stand.Ended; }
            if (_owned.Count > 0 && !_world.IsQuiet && now >= _nextSession)
            {
                _nextSession = now + WireNoise.Ms(20 + (60 * _world.Random.NextDouble()));
                foreach (int vip in _owned)
                {
                    if (!Mine(vip, Stand.Frozen).Any() && Mine(vip, Stand.Runs).Count() < SessionsMax) { Open(vip); }
                }
            }
            TimeSpan due = _mover.Tick(now);
            return _owned.Count > 0 && !_world.IsQuiet && _nextSession < due ? _nextSession : due;
        }

        public bool Send(ReadOnlySpan<byte> body)
        {
            if (_world.Random.Next(20) == 0) { return false; } // the engine's queue is full
            byte[] said = body.ToArray();
            if (_world.Tracing) { _world.Trace(_process.Node, $"move: {(MoveMessageType)said[1]}"); }
            HasAdopted |= said[1] == (byte)MoveMessageType.Ready;
            return _process.Send(MessageKind.HandOver, said);
        }

        public void Freeze(int vip, ulong move) => Post(() =>
        {
            if (!_process.Ownership.Freeze(vip, move))
            {
                Post(() => _mover.Froze(vip, move, null, "there is nothing to hand over any more", Now));
                return;
            }
            Session[] sessions = [.. Mine(vip, Stand.Runs)];
            long bytes = 0;
            foreach (Session session in sessions)
            {
                session.Stand = Stand.Frozen;
                session.GapsWhenFrozen = _process.Node.Kernel.Gaps(vip);
                byte[] image = ImageOf(session);
                bytes += image.Length;
                Post(() => _mover.Image(vip, move, image));
            }
            Post(() => _mover.Froze(vip, move, new(sessions.Length, 0, bytes), "", Now));
        });

        public void Moved(int vip, ulong move) => Post(() =>
        {
            bool released = _process.Ownership.Moved(vip, move);
            Post(() => _mover.Released(vip, move, released, Now));
        });

        public void Ran(int vip) => Post(() => _process.Ownership.Ran(vip));

        public void NotMoved(int vip, ulong move, string reason)
        {
            if (_world.Tracing) { _world.Trace(_process.Node, $"sessions of vip {vip} are not moved: {reason}"); }
            _world.KeptTotal++;
            Post(() =>
            {
                bool kept = _process.Ownership.NotMoved(vip, move);
                Post(() => _mover.Kept(vip, move, kept, Now));
            });
        }

        public void Resume(int vip)
        {
            foreach (Session session in Mine(vip, Stand.Frozen)) { (session.Stand, session.Life) = (Stand.Runs, session.Life + 1); }
        }

        public void Forget(int vip)
        {
            foreach (Session session in Mine(vip, Stand.Frozen)) { session.Stand = Stand.Forgotten; }
        }

        public string? Adopt(int vip, ReadOnlySpan<byte> image)
        {
            if (_world.Random.Next(200) == 0) { return "no room"; }
            _adopted[BinaryPrimitives.ReadInt64LittleEndian(image)] = (vip, BinaryPrimitives.ReadInt32LittleEndian(image[8..]));
            return null;
        }

        public int Run(int vip)
        {
            int count = 0;
            foreach ((long id, (int of, int life)) in _adopted.ToArray())
            {
                if (of != vip) { continue; }
                _adopted.Remove(id);
                Session session = _all._sessions[id];
                if (session.Stand != Stand.Forgotten || session.Life != life)
                {
                    _world.Fail($"lb{_process.Node.Id} runs a session that {session.Stand} at lb{session.At?._process.Node.Id}, life {session.Life}, described in life {life}");
                }
                if (session.At!._process.Node.Kernel.Gaps(vip) != session.GapsWhenFrozen)
                {
                    _world.Fail($"lb{_process.Node.Id} runs a session whose packets passed at lb{session.At._process.Node.Id} after it was described");
                }
                (session.Stand, session.At, session.Life) = (Stand.Runs, this, life + 1);
                count++;
            }
            _world.MovedTotal += count;
            return count;
        }

        public void Drop(int vip)
        {
            foreach (long id in _adopted.Where(adopted => adopted.Value.Vip == vip).Select(adopted => adopted.Key).ToArray()) { _adopted.Remove(id); }
        }

        public void Cut(int vip)
        {
            foreach (Session session in Mine(vip, Stand.Runs)) { session.Stand = Stand.Ended; }
        }

        public void Gave(MoveOutcome outcome)
        {
            if (_world.Tracing) { _world.Trace(_process.Node, $"gave {outcome}"); }
        }

        public void Took(int vip, NodeId from, int count, string? trouble)
        {
            if (_world.Tracing) { _world.Trace(_process.Node, $"took {count} of vip {vip} from lb{from}, {trouble}"); }
        }

        private void Open(int vip)
        {
            long id = ++_all._next;
            _all._sessions[id] = new(id, vip) { At = this, EndsAt = _world.Time.Now + WireNoise.Ms(8000 * _world.Random.NextDouble()) };
        }

        private byte[] ImageOf(Session session)
        {
            byte[] image = new byte[_world.Random.Next(8) == 0 ? 40_000 : 200];
            BinaryPrimitives.WriteInt64LittleEndian(image, session.Id);
            BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(8), session.Life);
            return image;
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
