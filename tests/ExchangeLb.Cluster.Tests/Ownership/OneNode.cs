using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Net;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Ownership;

/// <summary>Node 1 of two, lease 400 ms, by itself: a clock that is set by hand, a kernel that does what it is told, and a peer whose words are made up.</summary>
internal sealed class OneNode : IVipKernel, IOwnershipSender, IMonotonicClock, IOwnershipObserver
{
    internal const ulong Incarnation = 1000;
    internal const ulong PeerIncarnation = 2000;

    private static readonly ClusterModel Model = new(
        "one",
        [
            new ClusterNodeModel(1, "lb1", [IPAddress.Parse("192.168.200.21")], 100),
            new ClusterNodeModel(2, "lb2", [IPAddress.Parse("192.168.200.22")], 50),
        ],
        [new VipModel(IPAddress.Parse("192.168.200.25"), 24, "eth0", [])])
    {
        Timings = ClusterTimings.For(TimeSpan.FromMilliseconds(400), 2),
    };

    private ulong _peerNumber;

    internal OneNode()
    {
        Now = TimeSpan.FromSeconds(100);
        OwnershipOptions options = new(Model, new NodeId(1), Incarnation);
        Node = new(options, this, this, this, this, new Random(1));
        State = new(options, this, this, this, this, new Random(1));
        Node.Start();
        Node.FitnessChanged(0, new NodeFitness(true, true, 3));
    }

    public TimeSpan Now { get; set; }

    internal OwnershipNode Node { get; }

    /// <summary>Of another, for parts that are looked at by themselves.</summary>
    internal NodeState State { get; }

    /// <summary>What was done in the kernel and said, in order.</summary>
    internal List<string> Log { get; } = [];

    /// <summary>So many of the next commits the kernel refuses.</summary>
    internal int RefusedCommits { get; set; }
    internal bool RefusesRelease { get; set; }

    /// <summary>Packets passed, by then.</summary>
    internal bool FreezeIsTorn { get; set; }

    /// <summary>It has sessions that go along with a VIP.</summary>
    internal bool Moves { get; set; }

    /// <summary>Of the last hand-over.</summary>
    internal ulong Move { get; private set; }

    /// <summary>So the last hand-over was called.</summary>
    internal bool IsUrgent { get; private set; }
    internal VipLoss LastLoss { get; private set; }

    /// <summary>Passes while a permit is set.</summary>
    internal TimeSpan PermitTakes { get; set; }

    internal static ClusterView Both { get; } = new(1, new NodeId(1), [new NodeId(1), new NodeId(2)], QuorumVerdict.Quorate);

    internal static ClusterView Alone { get; } = new(2, new NodeId(1), [new NodeId(1)], QuorumVerdict.Quorate);

    /// <summary>Turns until then, each as soon as it is due.</summary>
    internal void RunFor(double ms)
    {
        TimeSpan end = Now + TimeSpan.FromMilliseconds(ms);
        while (true)
        {
            TimeSpan due = Node.Tick();
            if (due > end) { break; }
            Now = due > Now ? due : Now;
        }
        Now = end;
    }

    /// <summary>The peer grants whatever is asked, at once, for so long.</summary>
    internal void RunGranted(double ms, int reached = 3)
    {
        for (int i = 0; i < ms; i++)
        {
            RunFor(1);
            Says(OwnershipMessageType.Grant, answers: LastNumber, reached: reached);
            Node.Tick();
        }
    }

    internal void Says(OwnershipMessageType type, ulong answers = 0, ulong incarnation = PeerIncarnation, ulong? number = null, int reached = 3, bool leaving = false, int priority = 50, uint? vip = null)
    {
        Span<byte> body = stackalloc byte[OwnershipMessages.SizeBytes];
        SenderState fit = new(new NodeFitness(true, true, reached), false, leaving, priority);
        bool answer = answers > 0 || type is OwnershipMessageType.Grant or OwnershipMessageType.Refuse;
        OwnershipMessages.Write(body, new(
            type, vip ?? OwnershipMessages.KeyOf(Model.Vips[0]), fit, incarnation, number ?? ++_peerNumber, 0, answer ? 1u : 0, answer ? Incarnation : 0, answers));
        Node.MessageArrived(new NodeId(2), body);
    }

    internal ulong LastNumber { get; private set; }

    public bool Send(ReadOnlySpan<byte> body)
    {
        OwnershipMessages.TryRead(body, out OwnershipMessage message);
        LastNumber = message.Number;
        if (message.Type != OwnershipMessageType.State) { Log.Add($"says {message.Type}"); }
        return true;
    }

    public bool Release(int vip)
    {
        Log.Add("release");
        return !RefusesRelease;
    }

    public bool Claim(int vip, TimeSpan life) => Did("claim");

    public bool DropClaim(int vip) => Did("drop claim");

    public bool Permit(int vip, TimeSpan life)
    {
        Now += PermitTakes;
        return true;
    }

    public bool Commit(int vip, CommitKind kind, ulong incarnation, TimeSpan lease)
    {
        if (RefusedCommits > 0)
        {
            RefusedCommits--;
            return false;
        }
        return Did(kind == CommitKind.Acquire ? "arm" : "renew");
    }

    public void SendProbe(int vip) => Log.Add("probe");

    public void SendPeerProbe(NodeId peer) => Log.Add("peer probe");

    public void Announce(int vip) => Log.Add("announce");

    public bool HoldNew(int vip, TimeSpan life) => Did("hold");

    public bool Freeze(int vip, TimeSpan life) => Did("freeze");

    public bool KeepFrozen(int vip, TimeSpan life)
    {
        Log.Add("freeze on");
        return !FreezeIsTorn;
    }

    public bool ReleaseFrozen(int vip)
    {
        Log.Add("release frozen");
        return !FreezeIsTorn;
    }

    public bool Unfreeze(int vip) => Did("unfreeze");

    public void PassOnNew(int vip, NodeId owner) => Log.Add($"pass on new ones to {owner}");

    public void PassOn(int vip, NodeId? owner) => Log.Add($"pass on to {owner?.ToString() ?? "nobody"}");

    public void Acquired(int vip, uint epoch) => Log.Add("acquired");

    public bool HandingOver(int vip, NodeId target, ulong move, bool urgent)
    {
        (Move, IsUrgent) = (move, urgent);
        return Moves;
    }

    public void Contending(int vip)
    {
    }

    public void Lost(int vip, string reason, VipLoss loss)
    {
        Log.Add($"lost: {reason}");
        LastLoss = loss;
    }

    public void OwnerChanged(int vip, NodeId? owner)
    {
    }

    public void Conflict(int vip, ulong hardwareAddress, NodeId? node) => Log.Add(node is { } peer ? $"conflict with the host of {peer}" : "conflict");

    public void Note(string kind, string text)
    {
    }

    private bool Did(string what)
    {
        Log.Add(what);
        return true;
    }
}
