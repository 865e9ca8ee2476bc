using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Replication;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Cluster.Tests.Replication;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>
/// A stick table in every process, written by whoever owns a VIP. No entry goes back in version, what a peer has acknowledged it has, and after
/// a time without writes all tables are equal.
/// </summary>
internal sealed class ReplicatedTables : ISimulatedParts
{
    public ISimulatedPart Create(SimulatedWorld world, SimulatedProcess process) => new Part(world, process);

    public string? ViolationAfterQuiet(SimulatedWorld world)
    {
        Part[] parts = [.. world.Nodes.Select(node => node.Process?.Parts.OfType<Part>().Single()).OfType<Part>()];
        foreach (Part part in parts)
        {
            if (part.Text() != parts[0].Text()) { return $"tables differ after quiet:\n{part.Text()}\n{parts[0].Text()}"; }
        }
        return null;
    }

    private sealed class Part : ISimulatedPart, IReplicationSender
    {
        private const string Table = "e2k13";
        private const int Keys = 8;

        private readonly SimulatedWorld _world;
        private readonly SimulatedProcess _process;
        private readonly ReplicaState _state = new();
        private readonly StickTable _table;
        private readonly Replicator _replicator;
        private readonly Dictionary<UInt128, StickVersion> _shown = [];
        private readonly HashSet<int> _owned = [];
        private readonly StickUpdate[] _slice = new StickUpdate[64];
        private TimeSpan _nextWrite;

        internal Part(SimulatedWorld world, SimulatedProcess process)
        {
            (_world, _process) = (world, process);
            _table = _state.Add(Table, size: 100, servers: [(1, "a"), (2, "b"), (3, "c")]);
            _replicator = new(new(world.Model, process.Node.Id, process.Incarnation) { QueueLength = 64 }, _state, this, process);
        }

        public void ViewChanged(ClusterView view) => _replicator.ViewChanged(view);

        public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
        {
            if (kind != MessageKind.Replication) { return; }
            _replicator.MessageArrived(sender, body);
            WentBack();
            if (_world.Node(sender).Process is { } peer && _replicator.HasAll(sender)) { Acknowledged(peer); }
        }

        public void Acquired(int vip, uint epoch)
        {
            _owned.Add(vip);
            _replicator.SetOwnerEpoch(epoch);
        }

        public void Lost(int vip, VipLoss loss) => _owned.Remove(vip);

        public TimeSpan Tick(TimeSpan now)
        {
            if (_owned.Count > 0 && !_world.IsQuiet && now >= _nextWrite)
            {
                _nextWrite = now + WireNoise.Ms(5 + (60 * _world.Random.NextDouble()));
                UInt128 key = (UInt128)_world.Random.Next(Keys);
                if (_world.Random.Next(10) == 0) { _table.Remove(key, NowMs); }
                else { _table.Store(key, 1 + _world.Random.Next(3), NowMs); }
            }
            TimeSpan due = _replicator.Tick();
            return _owned.Count > 0 && !_world.IsQuiet && _nextWrite < due ? _nextWrite : due;
        }

        public bool Send(ReadOnlySpan<byte> body) => _process.Send(MessageKind.Replication, body);

        internal string Text() => string.Join("; ", Content().OrderBy(update => update.Key).Select(update => $"{update.Key} {update.ServerId} {update.Version}"));

        private long NowMs => (long)_process.Node.Local(_world.Time.Now).TotalMilliseconds;

        private void WentBack()
        {
            foreach (StickUpdate update in Content())
            {
                if (_shown.TryGetValue(update.Key, out StickVersion before) && update.Version < before)
                {
                    _world.Fail($"lb{_process.Node.Id}, key {update.Key}: {update.Version} after {before}");
                }
                _shown[update.Key] = update.Version;
            }
        }

        /// <summary>This node may die now: its peer, if it has not itself just begun a new life, has all that this node wrote.</summary>
        private void Acknowledged(SimulatedProcess peer)
        {
            if (peer.Incarnation != _process.HeardIncarnation(peer.Node.Id)) { return; }
            Part its = peer.Parts.OfType<Part>().Single();
            Dictionary<UInt128, StickVersion> copy = its.Content().ToDictionary(update => update.Key, update => update.Version);
            foreach (StickUpdate update in Content())
            {
                if (IsOfThisLife(update.Version) && !(copy.TryGetValue(update.Key, out StickVersion has) && has >= update.Version))
                {
                    _world.Fail($"lb{peer.Node.Id} has acknowledged all of lb{_process.Node.Id} and lacks key {update.Key}, {update.Version}");
                }
            }
        }

        /// <summary>What an earlier life wrote this one has learned like anybody else; others may learn it later.</summary>
        private bool IsOfThisLife(StickVersion version) =>
            version.Writer == _process.Node.Id.Value && version.Sequence >= _process.Incarnation && version.Sequence - _process.Incarnation < SimulatedNode.BetweenLives;

        private List<StickUpdate> Content()
        {
            List<StickUpdate> content = [];
            int from = 0;
            bool more = true;
            while (more)
            {
                more = _table.CopyUpdates(ref from, _slice, NowMs, out int copied);
                content.AddRange(_slice.AsSpan(0, copied));
            }
            return content;
        }
    }
}
