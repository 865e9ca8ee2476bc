using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Diagnostics;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Replication;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Stick;

namespace ExchangeLb.ReplicationBench;

/// <summary>Two nodes in one thread, joined by two queues of message copies: all of replication but the engine that carries its messages.</summary>
internal sealed class Pair : IMonotonicClock
{
    private static readonly ClusterModel Model = new("bench", [new(1, "lb1", [], 100), new(2, "lb2", [], 100)], []);

    public Pair(int tableSize)
    {
        First = new Node(this, 1, tableSize);
        Second = new Node(this, 2, tableSize);
        First.Peer = Second;
        Second.Peer = First;
    }

    public TimeSpan Now => Stopwatch.GetElapsedTime(0);

    public long NowMs => (long)Now.TotalMilliseconds;

    public Node First { get; }
    public Node Second { get; }

    public void Join()
    {
        First.Replicator.ViewChanged(new ClusterView(1, First.Id, [First.Id, Second.Id], QuorumVerdict.Quorate));
        Second.Replicator.ViewChanged(new ClusterView(1, Second.Id, [First.Id, Second.Id], QuorumVerdict.Quorate));
    }

    /// <summary>Lets both do what is due, and carries what they said.</summary>
    public void Turn()
    {
        First.Replicator.Tick();
        Second.Replicator.Tick();
        while (First.Hear() | Second.Hear())
        {
            // until nobody has anything to say
        }
    }

    internal sealed class Node : IReplicationSender, IReplicatedState
    {
        private readonly Queue<(byte[] Bytes, int Length)> _inbox = [];
        private readonly Stack<byte[]> _free = [];

        public Node(Pair pair, uint id, int tableSize)
        {
            Id = new NodeId(id);
            Table = new StickTable(new StickTableModel("e2k13", StickKeyKind.IPv4, tableSize, TimeSpan.FromMinutes(15), false, default), 7);
            KeyValuePair<int, string>[] servers = [new(1, "exchange1"), new(2, "exchange2")];
            Content = new ReplicatedContent([new ReplicatedTable(Table, servers.ToFrozenDictionary())], [new("e2k13", "exchange1"), new("e2k13", "exchange2")]);
            Replicator = new Replicator(new ReplicationOptions(Model, Id, 1_000_000 + id), this, this, pair);
        }

        public NodeId Id { get; }
        public Node Peer { get; set; } = null!;
        public StickTable Table { get; }
        public Replicator Replicator { get; }
        public ReplicatedContent Content { get; }
        public IServerSettingSink? SettingSink { get; set; }
        public long MessagesTotal { get; private set; }
        public long BytesTotal { get; private set; }
        public int LongestInbox { get; private set; }

        public bool TryApply(in ServerSetting setting) => true;

        public bool Send(ReadOnlySpan<byte> body)
        {
            byte[] copy = Peer._free.TryPop(out byte[]? free) ? free : new byte[Replicator.BodyMaxBytes];
            body.CopyTo(copy);
            Peer._inbox.Enqueue((copy, body.Length));
            Peer.LongestInbox = Math.Max(Peer.LongestInbox, Peer._inbox.Count);
            MessagesTotal++;
            BytesTotal += body.Length;
            return true;
        }

        public bool Hear()
        {
            if (!_inbox.TryDequeue(out (byte[] Bytes, int Length) message))
            {
                return false;
            }
            Replicator.MessageArrived(Peer.Id, message.Bytes.AsSpan(0, message.Length));
            _free.Push(message.Bytes);
            return true;
        }
    }
}
