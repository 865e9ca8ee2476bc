using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Streams;
using ExchangeLb.Clustering;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Exe.Tests.EndToEnd;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

/// <summary>Two nodes' moving threads, with everything around them in memory.</summary>
public sealed class MovingThreadTests : IDisposable
{
    private static readonly ClusterModel Model = new(
        "exchange",
        [new(1, "lb1", [IPAddress.Parse("192.168.200.21")], 100), new(2, "lb2", [IPAddress.Parse("192.168.200.22")], 100)],
        [new(IPAddress.Parse("192.168.200.25"), 24, "eth0", [])]);

    private readonly Node _a;
    private readonly Node _b;

    public MovingThreadTests()
    {
        _a = new Node(0);
        _b = new Node(1);
        (_a.Peer, _b.Peer) = (_b, _a);
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sessions_that_are_described_on_other_threads_run_at_the_peer(bool byStream)
    {
        _a.HasStream = byStream;
        _a.Sessions.Here = [.. Enumerable.Range(0, 2000).Select(i => $"session {i}")];
        _a.Moving.Acquired(0);

        _a.Moving.Begin(0, _b.Id, 1, urgent: false, takesWaiting: true);

        Assert.True(_a.Orders.WasMoved.Wait(TimeSpan.FromSeconds(20)), string.Join('\n', _a.Events));
        _b.Moving.Acquired(0);
        Eventually.True(() => _a.Moving.IsIdle && !_a.Events.IsEmpty && !_b.Events.IsEmpty, "both nodes say that it is over");
        Assert.Equal(2000, _b.Sessions.Ran);
        Assert.True(_a.Sessions.Forgotten);
        Assert.Equal(2000, _a.Given);
        Assert.Contains("; 500 were told ahead)", Assert.Single(_a.Events), StringComparison.Ordinal);
        Assert.Equal(2000, _a.Moving.Record(0).MovedTotal);
        Assert.StartsWith("2000 connections of 192.168.200.25 moved to lb2, frozen for ", Assert.Single(_a.Events));
        Assert.Equal("2000 connections of 192.168.200.25 came from lb1", Assert.Single(_b.Events));
        Assert.Equal((false, true), (Assert.Single(_a.Came), Assert.Single(_b.Came)));
        Eventually.True(() => _a.StreamHaste.Count == 2 && _b.StreamHaste.Count == 2, "the haste is over, too");
        Assert.Equal([true, false], _a.Sessions.Haste);
        Assert.Equal([true, false], _b.Sessions.Haste);
        Assert.Equal([true, false], _a.StreamHaste);
        Assert.Equal([true, false], _b.StreamHaste);
        Assert.Equal(byStream, _a.StreamedTotal > 2000 * "session".Length);
    }

    [Fact]
    public void A_peer_that_is_told_to_take_none_leaves_all_where_they_are()
    {
        _b.Setup.Model = Model with { HandOver = HandOverMode.Off };
        _a.Sessions.Here = ["one"];
        _a.Moving.Acquired(0);

        _a.Moving.Begin(0, _b.Id, 1, urgent: false, takesWaiting: true);

        Eventually.True(() => _a.Moving.IsIdle && !_a.Events.IsEmpty, "the move has ended");
        Assert.Equal("connections of 192.168.200.25 were not moved to lb2: lb2 refused: its cluster.cfg says 'hand-over off'", Assert.Single(_a.Events));
        Assert.False(_a.Sessions.Forgotten);
        Assert.Equal(0, _b.Sessions.Adopted);
        Assert.Empty(_a.Sessions.Haste);
    }

    [Fact]
    public void Nobody_is_in_haste_any_more_when_the_kernel_refuses_to_freeze()
    {
        _a.Orders.Freezes = false;
        _a.Sessions.Here = ["one", "two"];
        _a.Moving.Acquired(0);

        _a.Moving.Begin(0, _b.Id, 1, urgent: false, takesWaiting: true);

        Eventually.True(() => _a.Sessions.Haste.Count == 2, "the owner's haste is over");
        Assert.Equal([true, false], _a.Sessions.Haste);
        Eventually.True(() => _b.Sessions.Haste.Count == 2, "the other one's, which expected them, too");
    }

    [Fact]
    public void Nobody_is_in_haste_any_more_when_the_owner_dies_before_it_lets_go()
    {
        _a.Orders.Answers = false;
        _a.Sessions.Here = [.. Enumerable.Range(0, 600).Select(i => $"session {i}")];
        _a.Moving.Acquired(0);
        _a.Moving.Begin(0, _b.Id, 1, urgent: false, takesWaiting: true);
        Assert.True(_a.Orders.WasMoved.Wait(TimeSpan.FromSeconds(20)), string.Join('\n', _a.Events));
        Assert.Equal([true], _b.Sessions.Haste);

        _b.Moving.ViewChanged(new ClusterView(2, _b.Id, [_b.Id], QuorumVerdict.Quorate));

        Eventually.True(() => _b.Sessions.Haste.Count == 2, "the other node's haste is over");
        Assert.Equal([true, false], _b.Sessions.Haste);
        Assert.Equal(0, _b.Sessions.Adopted);
    }

    [Fact]
    public void A_stream_waits_until_there_is_room_and_no_longer_than_this_node_lives()
    {
        using Node full = new(0, starts: false);
        int taken = 0;
        Thread stream = new(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                full.Moving.StreamArrived(_b.Id, [1, 2, 3]);
                Volatile.Write(ref taken, i + 1);
            }
        });
        stream.Start();
        Eventually.True(() => (stream.ThreadState & ThreadState.WaitSleepJoin) != 0 && Volatile.Read(ref taken) > 0, "it waits");
        Assert.Equal(MovingThread.StreamWaitingMax, Volatile.Read(ref taken));

        full.Moving.Start();
        Assert.True(stream.Join(TimeSpan.FromSeconds(20)));
        Assert.Equal(1000, full.Moving.RejectedTotal);

        using Node ends = new(0, starts: false);
        Thread other = new(() => { for (int i = 0; i < 1000; i++) { ends.Moving.StreamArrived(_b.Id, [1, 2, 3]); } });
        other.Start();
        ends.Dispose();
        Assert.True(other.Join(TimeSpan.FromSeconds(20)));
    }

    private sealed class Node : IClusterEngine, INodeStreams
    {
        internal Node(int place, bool starts = true)
        {
            Setup = new ClusterSetup(Model, Model.Nodes[place], new ClusterPaths("/nowhere", "/nowhere/cluster.cfg"));
            Orders = new Orders(this);
            Moving = new MovingThread(Setup, Sessions, new MonotonicClock(), new Envelope("exchange"), this, this, () => Orders, vip => Moving!.YoungDone(vip), _ => { }, _ => { }, (_, came) => Came.Enqueue(came), (_, _) => { }, (_, given) => Given = given.Count, () => false, (_, text) => Events.Enqueue(text));
            if (starts) { Moving.Start(); }
        }

        internal ClusterSetup Setup { get; }
        internal Sessions Sessions { get; } = new();
        internal Orders Orders { get; }
        internal int Given { get; private set; }
        internal MovingThread Moving { get; }
        internal Node? Peer { get; set; }
        internal ConcurrentQueue<string> Events { get; } = new();
        internal NodeId Id => Setup.SelfId;

        /// <summary>Of each VIP that it got: whether its sessions came along.</summary>
        internal ConcurrentQueue<bool> Came { get; } = new();

        public int PayloadMaxBytes => 4096;

        public EngineCounters Counters => new();

        public void Start(IEngineObserver observer)
        {
        }

        public SendResult Broadcast(ReadOnlySpan<byte> payload)
        {
            if (new Envelope("exchange").Open(payload, out MessageKind kind, out ReadOnlySpan<byte> body) == OpenResult.Opened) { Peer!.Moving.MessageArrived(kind, Id, body); }
            return SendResult.Accepted;
        }

        /// <summary>There is a stream to the other node, too.</summary>
        internal bool HasStream { get; set; }

        internal long StreamedTotal { get; private set; }

        internal ConcurrentQueue<bool> StreamHaste { get; } = new();

        public int StreamTo(NodeId node) => HasStream ? 1 : 0;

        public bool IsComing(NodeId node) => false;

        public bool Send(NodeId node, int stream, ReadOnlySpan<byte> payload)
        {
            StreamedTotal += payload.Length;
            if (new Envelope("exchange").Open(payload, out MessageKind _, out ReadOnlySpan<byte> body) == OpenResult.Opened) { Peer!.Moving.StreamArrived(Id, body); }
            return true;
        }

        public void Hurry(int priority) => StreamHaste.Enqueue(priority > 0);

        public void Dispose() => Moving.Dispose();
    }

    private sealed class Orders(Node node) : IHandOverOrders
    {
        private int _refusals = 3;

        internal ManualResetEventSlim WasMoved { get; } = new();

        /// <summary>The kernel does as it is told.</summary>
        internal bool Freezes { get; set; } = true;

        /// <summary>The order to release the VIP is answered.</summary>
        internal bool Answers { get; set; } = true;

        public bool HoldNew(int vip, ulong move, Action<bool> answer)
        {
            answer(true);
            return true;
        }

        public bool Freeze(int vip, ulong move, Action<bool> answer)
        {
            if (_refusals-- > 0) { return false; } // the lease thread takes no orders now
            answer(Freezes);
            return true;
        }

        public bool Moved(int vip, ulong move, Action<bool> answer)
        {
            if (Answers)
            {
                node.Moving.Lost(0, SessionsLeft.AreEnding);
                answer(true);
            }
            WasMoved.Set();
            return true;
        }

        public bool Ran(int vip) => true;

        public bool MayStay(int vip, ulong move, Action<bool> answer)
        {
            answer(true);
            return node.Id.Value > 0;
        }

        public bool NotMoved(int vip, ulong move, Action<bool> answer)
        {
            answer(true);
            return node.Id.Value > 0;
        }
    }

    private sealed class Sessions : IMovableSessions
    {
        private const int PerLoop = 500;
        private readonly HashSet<ulong> _told = [];

        internal List<string> Here { get; set; } = [];
        internal int Adopted { get; private set; }
        internal int Ran { get; private set; }
        internal bool Forgotten { get; private set; }

        /// <summary>What was ordered.</summary>
        internal ConcurrentQueue<bool> Haste { get; } = new();

        public string? Lack => null;

        public void Hurry(bool on) => Haste.Enqueue(on);

        public int Count(IPAddress address) => Here.Count;

        /// <summary>The first loop has its sessions told.</summary>
        public Task<BytesInHand> TellAsync(IPAddress address, ShipSession told) => Task.Run(() =>
        {
            Here.Take(PerLoop).ToList().ForEach(session => told(NumberOf(session), Encoding.UTF8.GetBytes(session)));
            return default(BytesInHand);
        });

        public async Task<FrozenSessions> FreezeAsync(IPAddress address, bool waiting, ShipSession ship, Action<ReadOnlyMemory<ulong>> asTold)
        {
            Task[] loops =
            [
                Task.Run(() => asTold(Here.Take(PerLoop).Select(NumberOf).ToArray())),
                .. Here.Skip(PerLoop).Chunk(PerLoop).Select(part => Task.Run(() => Array.ForEach(part, session => ship(NumberOf(session), Encoding.UTF8.GetBytes(session))))),
            ];
            await Task.WhenAll(loops);
            return new FrozenSessions(Here.Count, 0, 0, Math.Min(PerLoop, Here.Count));
        }

        public IReadOnlyList<GivenSession> TakeGiven(IPAddress address) => [.. Here.Select(session => new GivenSession(NumberOf(session), Encoding.UTF8.GetBytes(session), TimeSpan.Zero))];

        public void Resume(IPAddress address)
        {
        }

        public void Forget(IPAddress address) => Forgotten = true;

        public string? Adopt(IPAddress address, ulong id, ReadOnlySpan<byte> image)
        {
            Adopted++;
            return null;
        }

        public void AdoptTold(IPAddress address, ulong id, ReadOnlySpan<byte> image) => _told.Add(id);

        public string? Keep(IPAddress address, ReadOnlySpan<ulong> ids)
        {
            foreach (ulong id in ids)
            {
                if (!_told.Remove(id)) { return "it was not told"; }
                Adopted++;
            }
            return null;
        }

        public MissedSessions Settle(IPAddress address)
        {
            _told.Clear();
            return default;
        }

        private ulong NumberOf(string session) => (ulong)Here.IndexOf(session) + 1;

        public int Run(IPAddress address, Action ran)
        {
            Ran = Adopted;
            ran();
            return Ran;
        }

        public void Drop(IPAddress address) => Adopted = 0;
    }
}
