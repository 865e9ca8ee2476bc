using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Replication;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Proxy;

namespace ExchangeLb.Clustering;

/// <summary>
/// One node of a cluster, put together from its parts around a load balancer that serves already:
/// <list type="number">
/// <item>the fence goes up in the kernel, closed: <see cref="VipKernel"/>;</item>
/// <item>the guard is found or started, and with it Corosync: <see cref="GuardLink"/>;</item>
/// <item>the lease thread runs the grant protocol: <see cref="LeaseThread"/>, <see cref="OwnershipNode"/>;</item>
/// <item>the engine brings views and messages, which <see cref="EngineMail"/> sorts;</item>
/// <item>the replication thread keeps stick tables equal: <see cref="ReplicationThread"/>;</item>
/// <item>established sessions move along with a VIP that is handed over: <see cref="MovingThread"/>;</item>
/// <item>quiet sessions are recorded for the time after this node: <see cref="RecordingThread"/>;</item>
/// <item>reports and orders go round once a second, at a change and on demand: <see cref="NodeReports"/>, <see cref="OrderDesk"/>.</item>
/// </list>
/// At the end the VIPs are handed over first; the guard goes last and takes Corosync with it.
/// </summary>
internal sealed partial class ClusterNode : IOwnershipSender, IReplicationSender, IVipKernelObserver, IAsyncDisposable
{
    private const ulong KernelFrames = 0;
    private const ulong SurroundingFrames = 1;
    private const int RealTimePriority = 50;
    private const int OwnershipBytesMax = 4096;

    private static readonly TimeSpan BeatEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LinksEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>So long another node must have been there until a network on which nobody answers is called down.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(3);

    /// <summary>Moving sessions may take 16 s of it. Below the unit's TimeoutStopSec.</summary>
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(20);

    /// <summary>From the release until the target says that it runs what was moved.</summary>
    private static readonly TimeSpan LetGoWithin = TimeSpan.FromSeconds(1);

    private readonly ClusterSetup _setup;
    private readonly LoadBalancer _balancer;
    private readonly MonotonicClock _clock = new();
    private readonly EventJournal _journal;
    private readonly EventKeeper _keeper;
    private readonly HookRunner _hook;
    private readonly Envelope _envelope;
    private readonly VipKernel _kernel;
    private readonly IClusterEngine _engine;
    private readonly GatheringThread _gathering;
    private readonly OwnershipNode _node;
    private readonly OwnershipBoard _board;
    private readonly OwnershipListener _listener;
    private readonly FitnessSource _fitness;
    private readonly LeaseThread _lease;
    private readonly ReplicationThread _replication;
    private readonly StreamDesk _streams;
    private readonly MovingThread? _moving;
    private readonly RecordingThread? _recording;

    /// <summary>Why quiet sessions end with this node, whatever is configured; "": there is no other; null: they need not.</summary>
    private readonly string? _cannotRecord;
    private readonly EngineMail _mail;
    private readonly ReportBoard _reportBoard;
    private readonly NodeReports _reports;
    private readonly GuardLink? _guard;
    private readonly byte[] _ownershipMessage = new byte[OwnershipBytesMax];
    private readonly byte[] _replicationMessage;
    private Surroundings _surroundings;
    private TimeSpan _surroundingsDue;
    private TimeSpan _linksDue;
    private TimeSpan? _companySince;
    private TimeSpan _beatDue;
    private ConfigurationHashes _hashes;
    private bool _leaseTurned = true;

    private ClusterNode(
        ClusterSetup setup, LoadBalancer balancer, IReadOnlyList<string> haproxyFiles, IReloads reloads, VipKernel kernel, Action<ClusterEvent> say)
    {
        _setup = setup;
        _balancer = balancer;
        _kernel = kernel;
        EventFile kept = new(setup.Paths.Events);
        _keeper = new EventKeeper(kept, () => _journal!.Copy(), SayUnkept);
        _journal = new EventJournal(TimeProvider.System, happened => { say(happened); _keeper.Wake(); }, kept.Read());
        _hook = new HookRunner(setup.Model.Hook, text => _journal.Write("hook", text));
        _envelope = new Envelope(setup.Model.Name);
        _hashes = ConfigurationHashes.Of(haproxyFiles, setup.Paths.ClusterFile);
        bool alone = setup.Model.Nodes.Length == 1;
        CorosyncEngine? corosync = alone
            ? null
            : new CorosyncEngine(new CorosyncOptions(setup.Model, setup.SelfId, TimeProvider.System) { Note = _journal.Write });
        _engine = corosync ?? (IClusterEngine)new Alone(setup.SelfId);
        _gathering = new GatheringThread(_engine, _clock);
        _replicationMessage = new byte[_engine.PayloadMaxBytes];
        _board = new OwnershipBoard();
        _cannotRecord = alone ? "" : balancer.Recorded.Lack;
        _guard = alone ? null : new GuardLink(setup.Paths, setup.Self.Name, setup.Incarnation, _journal.Write) { OfUnit = setup.Units, Answered = TakeLeftRecords };
        TellGuard(setup.Model);
        _recording = _cannotRecord is not null
            ? null
            : new RecordingThread(setup, balancer.Recorded, _clock, _envelope, _gathering.Sender, SessionsCleared, _journal.Write, _guard?.Sockets);
        if (_recording is not null && _guard is not null)
        {
            balancer.Recorded.HoldIn(_guard.Sockets);
        }
        OwnershipListener listener = null!;
        _streams = new StreamDesk(setup, () => _mail!, () => _moving, _journal.Write);
        _moving = alone ? null : new MovingThread(
            setup, balancer.Movable, _clock, _envelope, _engine, _streams, () => new HandOverOrders(_lease!, _node!), vip => listener.Drain(vip),
            address => { if (_recording is not { IsOn: true }) { balancer.CutSessions(address); } },
            balancer.Recorded.Drop, (vip, came) => _recording?.Acquired(vip, moved: came), (vip, left) => _recording?.Lost(vip, left),
            (vip, given) => _recording?.Gave(vip, given), () => _recording is { IsOn: true }, _journal.Write);
        _listener = listener = new OwnershipListener(setup, balancer, _journal, _hook, epoch => _replication!.SetOwnerEpoch(epoch), vip => _lease!.Post(() => _node!.Drained(vip)),
            _moving, _recording, vip => _fitness!.Withhold(vip), target => _reportBoard!.Find(target, out _));
        _node = new OwnershipNode(new OwnershipOptions(setup.Model, setup.SelfId, setup.Incarnation), kernel, this, _clock, listener, new Random());
        _fitness = new FitnessSource(_node, balancer.MakeHeartbeat(), setup.Model) { Changed = () => _reports?.Changed() };
        _surroundings = new Surroundings(setup, Servers(), _clock);
        _lease = new LeaseThread(_node, _clock, PrepareLeaseThread, EveryTurn, OnReadable);
        _lease.Watch(kernel.PollFd, KernelFrames);
        WatchSurroundings();
        _replication = new ReplicationThread(
            wake => new Replicator(new ReplicationOptions(setup.Model, setup.SelfId, setup.Incarnation), balancer.Replicated, this, _clock, wake), _clock);
        _reportBoard = new ReportBoard(setup, _clock, _journal) { ReportCame = _streams.Heard };
        _mail = new EngineMail(_envelope, _lease, _replication, _reportBoard, _moving, _recording, text => _journal.Write("message", text));
        ClusterParts parts = new()
        {
            Setup = setup,
            Clock = _clock,
            Engine = _engine,
            Gathered = _gathering.Sender,
            EngineName = alone ? "alone" : "corosync",
            EngineConnected = () => corosync?.Connected ?? true,
            UnknownVipTotal = () => _node.UnknownVipTotal,
            RejectedTotal = () => _mail.RejectedTotal + _node.RejectedTotal + _engine.Counters.RejectedTotal + _replication.Snapshot().RejectedTotal
                + (_recording?.RejectedTotal ?? 0) + (_moving?.RejectedTotal ?? 0),
            Mail = _mail,
            Ownership = _board,
            Listener = listener,
            Reports = _reportBoard,
            Journal = _journal,
            Replication = _replication.Snapshot,
            Moving = _moving,
            Recording = _recording,
            Guard = _guard,
            Kernel = () => new()
            {
                MendedTotal = kernel.MendedTotal,
                PassedOnTotal = kernel.PassedOnTotal,
                HeldLostTotal = kernel.HeldLostTotal,
                DroppedTotal = _lease.DroppedTotal,
            },
            HooksDroppedTotal = () => _hook.DroppedTotal,
            KernelLacks = kernel.Features.Fallbacks,
            Notes = () => LeftBehind.Find(setup.Model, balancer.Snapshot()),
            Warnings = _streams.Warnings,
        };
        OrderDesk desk = new(setup.SelfId, _envelope, (message, length) => _engine.Broadcast(message.AsSpan(0, length)) == SendResult.Accepted, order => Runtime!.Obey(order));
        _reportBoard.Orders = desk;
        ClusterSnapshots snapshots = new(parts, () => _reports!.Make());
        Runtime = new ClusterRuntime(parts, snapshots, _lease, _node, desk, reloads, stop => _reports!.SendAsync(stop));
        _reports = new NodeReports(
            setup, balancer, _engine, _envelope, _reportBoard, _fitness, _guard, _clock, () => Runtime.IsStandby, () => _hashes, MoveForm, () => _streams.Fingerprint,
            () => _recording is { IsOn: true } ? balancer.Recorded.Figures.Held : 0, snapshots.Owned);
        _reportBoard.ViewCame = _reports.Changed;
    }

    public ClusterRuntime Runtime { get; }

    /// <summary>One line for people: who owns what, and what stands in the way of a failover.</summary>
    public string Summary()
    {
        ClusterSnapshot now = Runtime.Snapshot();
        IEnumerable<string> vips = now.Vips.Select(vip =>
            vip.Role == VipRole.Owner ? $"owns {vip.Address}" : vip.Owner is { } owner ? $"{vip.Address} is {owner}'s" : $"nobody owns {vip.Address}");
        string obstacles = now.FailoverObstacles.IsEmpty ? "" : $"; a failover would not work now: {now.FailoverObstacles[0]}";
        return $"{now.Self}: {string.Join(", ", vips)}{obstacles}";
    }

    /// <summary>For a watchdog, at steady intervals: false, the lease thread has not come since the last call to what it was asked then.</summary>
    public bool LeaseTurns()
    {
        bool turned = Interlocked.Exchange(ref _leaseTurned, false);
        return _lease.Post(() => Volatile.Write(ref _leaseTurned, true)) && turned;
    }

    public bool Send(ReadOnlySpan<byte> body) => _engine.Broadcast(Sealed(MessageKind.Ownership, _ownershipMessage, body)) == SendResult.Accepted;

    bool IReplicationSender.Send(ReadOnlySpan<byte> body) => _gathering.Sender.Send(Sealed(MessageKind.Replication, _replicationMessage, body)) == SendResult.Accepted;

    public void VipAnswered(int vip, ulong hardwareAddress, NodeId? node) => _node.ProbeAnswered(vip, hardwareAddress, node);

    public void PeerAnswered(NodeId peer) => _node.PeerAnswered(peer);

    public void LinkChanged(int vip, bool up)
    {
        _journal.Write("link", $"{_setup.Model.Vips[vip].Device} is {(up ? "up" : "down")}");
        _fitness.SetLink(vip, up);
        if (up)
        {
            _node.AnnounceAgain(vip);
        }
    }

    /// <summary>Leases that had not run out stand again, too. One that could not be restored is missed by the next renewal, and acquired anew.</summary>
    public void RulesFlushed() => _journal.Write("rules", "another program changed the fence in nftables; it stands again");

    private ReadOnlySpan<byte> Sealed(MessageKind kind, byte[] message, ReadOnlySpan<byte> body)
    {
        body.CopyTo(message.AsSpan(Envelope.HeaderBytes));
        return message.AsSpan(0, _envelope.Seal(kind, message, body.Length));
    }

    private void SayUnkept(string problem) => _journal.Write("events", $"they end with this process, for they can't be kept in {_setup.Paths.Events}: {problem}");

    private byte MoveForm() => _moving is { HostLack: null } && _setup.Model.HandOver != HandOverMode.Off ? MoveMessages.Form : (byte)0;

    /// <summary>Where connections to servers go, as configured.</summary>
    private IEnumerable<IPAddress> Servers() =>
        _balancer.Snapshot().Proxies.SelectMany(proxy => proxy.Servers).Select(server => server.Address?.Address).OfType<IPAddress>();
}
