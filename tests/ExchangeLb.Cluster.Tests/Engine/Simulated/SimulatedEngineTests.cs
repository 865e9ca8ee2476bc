using System;
using ExchangeLb.Cluster.Engine;

namespace ExchangeLb.Cluster.Tests.Engine.Simulated;

/// <summary>The engine of the simulation keeps the contract that Corosync keeps.</summary>
public sealed class SimulatedEngineTests : PeerContract
{
    protected override IPeerWorld NewPeerWorld() => new World();

    private sealed class World : IPeerWorld
    {
        private static readonly NodeId[] Nodes = [new(1), new(2), new(3)];
        private readonly VirtualTime _time = new();
        private readonly SimulatedWire _wire;

        internal World() => _wire = new(_time, new Random(1), votes: 3);

        public IClusterEngine Create(NodeId node) => _wire.Create(node);

        public bool Until(Func<bool> condition)
        {
            TimeSpan end = _time.Now + TimeSpan.FromSeconds(10);
            while (!condition())
            {
                if (_time.Now > end || !_time.RunNext()) { return condition(); }
            }
            return true;
        }

        public void Crash(NodeId node) => _wire.Crash(node);

        public void Isolate(NodeId node) => Cut(node, true);

        public void Reconnect(NodeId node) => Cut(node, false);

        public void Stall() => _wire.Stall(true);

        public void Resume() => _wire.Stall(false);

        public void Dispose()
        {
        }

        private void Cut(NodeId node, bool cut)
        {
            foreach (NodeId other in Nodes)
            {
                if (other == node) { continue; }
                _wire.Cut(node, other, cut);
                _wire.Cut(other, node, cut);
            }
        }
    }
}
