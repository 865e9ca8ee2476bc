using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Clustering;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Exe.Tests.EndToEnd;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

/// <summary>Two nodes' recording threads, with everything around them in memory.</summary>
public sealed class RecordingThreadTests : IDisposable
{
    private static readonly IPAddress Vip = IPAddress.Parse("192.168.200.25");

    private static readonly ClusterModel Model = new(
        "exchange",
        [new(1, "lb1", [IPAddress.Parse("192.168.200.21")], 100), new(2, "lb2", [IPAddress.Parse("192.168.200.22")], 100)],
        [new(Vip, 24, "eth0", [])]);

    private static readonly ClusterView Both = new(1, new NodeId(1), [new NodeId(1), new NodeId(2)], QuorumVerdict.Quorate);
    private static readonly ClusterView OnlyB = new(2, new NodeId(2), [new NodeId(2)], QuorumVerdict.Quorate);

    private readonly Node _a;
    private readonly Node _b;

    public RecordingThreadTests()
    {
        _a = new Node(0);
        _b = new Node(1);
        (_a.Peer, _b.Peer) = (_b, _a);
        _a.Recording.ViewChanged(Both);
        _b.Recording.ViewChanged(Both);
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public void What_an_owner_tells_is_kept_by_the_other_and_made_sessions_when_that_one_is_owner()
    {
        _a.Recording.Acquired(0, moved: false);
        Eventually.True(() => _a.Sessions.Tell is not null, "it begins to tell");
        _a.Sessions.Tell!([1, 2, 3]);
        Eventually.True(() => _b.Sessions.Log.Contains("take 1 1-2-3"), "the other keeps it");

        _b.Recording.ViewChanged(OnlyB);
        _b.Recording.Acquired(0, moved: false);

        Eventually.True(() => _b.Events.Count == 1, "they are taken over");
        Assert.Equal("take 1 1-2-3, restore, take over", string.Join(", ", _b.Sessions.Log));
        Assert.Equal("3 quiet connections of 192.168.200.25 go on here, 4 were reset (1 active, 1 stale, 0 did not answer, 2 had no place here: there is no room)", Assert.Single(_b.Events));
    }

    [Fact]
    public void A_lost_VIP_is_free_again_once_its_sessions_have_ended_without_a_packet()
    {
        _a.Recording.Acquired(0, moved: false);
        Eventually.True(() => _a.Sessions.Tell is not null, "it begins to tell");

        _a.Recording.Lost(0, SessionsLeft.AreEnding);
        _a.Recording.Lost(0, SessionsLeft.AreEnding);

        Eventually.True(() => _a.Cleared.ToArray().Contains(2), "nothing is left");
        Assert.Equal("begin, end, abandon, abandon", string.Join(", ", _a.Sessions.Log));
    }

    [Fact]
    public void A_VIP_whose_sessions_could_not_be_ended_is_free_all_the_same_and_people_are_told()
    {
        _a.Sessions.AbandonFails = true;

        _a.Recording.Lost(0, SessionsLeft.AreEnding);

        Eventually.True(() => _a.Cleared.ToArray().Contains(1), "it is free");
        Assert.Equal("connections of 192.168.200.25 that ended with its loss could not be closed: internal error: out of order", Assert.Single(_a.Events));
        Assert.Equal(1, _a.Recording.Snapshot().LostTotal);
    }

    [Fact]
    public void An_owner_that_met_another_one_has_its_sessions_asked_and_tells_people_of_those_that_it_lost()
    {
        _a.Recording.Acquired(0, moved: false);

        _a.Recording.RivalMet(0);

        Eventually.True(() => _a.Events.Count == 1, "they are asked");
        Assert.Equal("begin, check", string.Join(", ", _a.Sessions.Log));
        Assert.Equal("2 connections of 192.168.200.25 had gone on at another node that owned it meanwhile, and were reset", Assert.Single(_a.Events));
    }

    [Fact]
    public void What_a_node_loses_is_reset_by_the_one_that_stays()
    {
        _b.Recording.Acquired(0, moved: false);
        _a.Sessions.Lost = [5, 6];

        _a.Recording.Lost(0, SessionsLeft.AreEnding);

        Eventually.True(() => _b.Events.Count == 1, "they are reset");
        Assert.Equal("begin, reset 5-6", string.Join(", ", _b.Sessions.Log));
        Assert.Equal("4 connections of 192.168.200.25 that a node had lost were reset, 3 did not answer, 2 failed", Assert.Single(_b.Events));
    }

    [Fact]
    public void Records_that_the_engine_has_no_room_for_are_counted()
    {
        _a.Recording.Acquired(0, moved: false);
        Eventually.True(() => _a.Sessions.Tell is not null, "it begins to tell");
        _a.Answer = SendResult.QueueFull;

        _a.Sessions.Tell!([1]);

        Assert.Equal(1, _a.Recording.Snapshot().LostTotal);
    }

    [Fact]
    public void Sessions_that_a_dead_process_of_this_node_left_are_gone_on_with_when_the_next_one_is_owner()
    {
        _a.Recording.TakeLeft(Left());
        Eventually.True(() => _a.Sessions.Log.Contains("restore"), "sockets are made before packets come");

        _a.Recording.Acquired(0, moved: false);

        Eventually.True(() => _a.Sessions.Log.Contains("take over"), "they are taken over");
        Assert.All(_a.Sessions.Log[..2], entry => Assert.StartsWith("take 1 ", entry, StringComparison.Ordinal));
        Assert.Equal(["restore", "take over"], _a.Sessions.Log[2..4]);
    }

    [Fact]
    public void Sessions_that_were_handed_over_are_gone_on_with_when_the_new_owner_is_gone_before_it_has_told_of_them()
    {
        _a.Recording.Acquired(0, moved: false);
        _a.Recording.Lost(0, SessionsLeft.AreEnding);
        _a.Recording.Gave(0, [new GivenSession(1, new byte[1], TimeSpan.Zero)]);
        _a.Recording.OwnerIs(0, new NodeId(2));

        _a.Recording.Acquired(0, moved: false);

        Eventually.True(() => _a.Sessions.Log.Contains("take over"), "they are taken over");
        Assert.StartsWith("begin, end, abandon, keep 1 as 1, take over", string.Join(", ", _a.Sessions.Log), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_a_dead_process_left_nothing_is_used_once_another_node_is_owner()
    {
        _a.Recording.OwnerIs(0, new NodeId(2));

        _a.Recording.TakeLeft(Left());
        _a.Recording.Acquired(0, moved: false);

        Eventually.True(() => _a.Sessions.Log.Contains("begin"), "it begins anew");
        Assert.Equal(["begin"], _a.Sessions.Log);
    }

    [Fact]
    public void Records_that_cant_be_read_are_counted()
    {
        _b.Recording.MessageArrived(MessageKind.Records, new NodeId(1), [9, 9]);

        Eventually.True(() => _b.Recording.RejectedTotal == 1, "it is counted");
    }

    private static byte[] Left()
    {
        KeptRecords kept = new(10);
        kept.Take(HeldSocketsTests.Established(Vip, session: 7), ImageClock.Now);
        using MemoryStream file = new();
        kept.Write(file, ImageClock.Now);
        return file.ToArray();
    }

    private sealed class Node : IClusterEngine
    {
        private readonly GatheringThread _gathering;

        internal Node(int place)
        {
            ClusterSetup setup = new(Model, Model.Nodes[place], new ClusterPaths("/nowhere", "/nowhere/cluster.cfg"));
            _gathering = new GatheringThread(this, new MonotonicClock());
            _gathering.Start();
            Recording = new RecordingThread(
                setup, Sessions, new MonotonicClock(), new Envelope("exchange"), _gathering.Sender, (_, losses) => Cleared.Add(losses), (_, text) => Events.Add(text));
            Recording.Start();
        }

        internal Sessions Sessions { get; } = new();
        internal RecordingThread Recording { get; }
        internal Node? Peer { get; set; }
        internal SendResult Answer { get; set; }
        internal ConcurrentBag<int> Cleared { get; } = [];
        internal ConcurrentBag<string> Events { get; } = [];

        public int PayloadMaxBytes => 64 * 1024;

        public EngineCounters Counters => new();

        public void Start(IEngineObserver observer)
        {
        }

        public SendResult Broadcast(ReadOnlySpan<byte> payload)
        {
            if (new Envelope("exchange").Open(payload, out MessageKind kind, out ReadOnlySpan<byte> body) == OpenResult.Opened) { Peer!.Recording.MessageArrived(kind, new NodeId(1), body); }
            return Answer;
        }

        public void Dispose()
        {
            _gathering.Dispose();
            Recording.Dispose();
        }
    }

    private sealed class Sessions : IRecordedSessions
    {
        private volatile TellRecords? _tell;

        internal TellRecords? Tell => _tell;

        internal bool AbandonFails { get; set; }

        /// <summary>What ends with an abandonment.</summary>
        internal byte[]? Lost { get; set; }

        internal ConcurrentQueue<string> Entries { get; } = new();

        internal string[] Log => [.. Entries];

        public string? Lack => null;

        public RecordingFigures Figures => default;

        public void HoldIn(IHeldSockets sockets)
        {
        }

        public void Begin(IPAddress address, ulong incarnation, TellRecords tell)
        {
            Entries.Enqueue("begin");
            _tell = tell;
        }

        public void End(IPAddress address) => Entries.Enqueue("end");

        public Task AbandonAsync(IPAddress address, TellRecords tell)
        {
            Entries.Enqueue("abandon");
            if (Lost is { } lost) { tell(lost); }
            return AbandonFails ? Task.FromException(new InvalidOperationException("out of order")) : Task.CompletedTask;
        }

        public string? Take(string owner, IPAddress address, ReadOnlySpan<byte> records, TimeSpan age = default)
        {
            Assert.Equal(Vip, address);
            Entries.Enqueue($"take {owner} {string.Join('-', records.ToArray())}");
            return null;
        }

        public void KeepGiven(string self, IPAddress address, ulong incarnation, IReadOnlyList<GivenSession> given) => Entries.Enqueue($"keep {given.Count} as {self}");

        public Task<int> CheckAsync(IPAddress address, int link)
        {
            Entries.Enqueue("check");
            return Task.FromResult(2);
        }

        public Task<LostSessionsDone> ResetLostAsync(IPAddress address, int link, ReadOnlySpan<byte> records)
        {
            Entries.Enqueue($"reset {string.Join('-', records.ToArray())}");
            return Task.FromResult(new LostSessionsDone(4, 3, 2));
        }

        public void Forget(string owner, IPAddress address) => Entries.Enqueue($"forget {owner}");

        public int Restore(IPAddress address)
        {
            Entries.Enqueue("restore");
            return 0;
        }

        public void StopAsking(IPAddress address) => Entries.Enqueue("stop asking");

        public void Drop(IPAddress address) => Entries.Enqueue("drop");

        public Task<TakenOverSessions> TakeOverAsync(IPAddress address, int link, Action standing)
        {
            Entries.Enqueue("take over");
            return Task.FromResult(new TakenOverSessions(3, 1, 1, 0, 0) { Placeless = 2, Lack = "there is no room" });
        }
    }
}
