using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Engine.Corosync;
using ExchangeLb.Cluster.Events;
using ExchangeLb.Cluster.Kernel;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Replication;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Netlink;
using ExchangeLb.Linux.Process;
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
/// <item>reports and orders go round once a second and on demand: <see cref="NodeReports"/>, <see cref="OrderDesk"/>.</item>
/// </list>
/// At the end the VIPs are handed over first; the guard goes last and takes Corosync with it.
/// </summary>
internal sealed class ClusterNode : IOwnershipSender, IReplicationSender, IVipKernelObserver, IAsyncDisposable
{
    private const ulong KernelFrames = 0;
    private const ulong SurroundingFrames = 1;
    private const int RealTimePriority = 50;
    private const int OwnershipBytesMax = 4096;

    private static readonly TimeSpan BeatEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LinksEvery = TimeSpan.FromMilliseconds(200);
    /// <summary>Moving sessions may take 3.5 s of it.</summary>
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(5);

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
    private readonly OwnershipNode _node;
    private readonly OwnershipBoard _board;
    private readonly FitnessSource _fitness;
    private readonly LeaseThread _lease;
    private readonly ReplicationThread _replication;
    private readonly MovingThread? _moving;
    private readonly RecordingThread? _recording;

    /// <summary>Why quiet sessions end with this node; "": nobody wants it otherwise; null: they don't.</summary>
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
        _replicationMessage = new byte[_engine.PayloadMaxBytes];
        _board = new OwnershipBoard(setup.Model.Vips.Length);
        _cannotRecord = alone || setup.Model.HandOver != HandOverMode.Full ? "" : balancer.Recorded.Lack;
        _recording = _cannotRecord is not null ? null : new RecordingThread(setup, balancer.Recorded, _clock, _envelope, _engine, SessionsCleared, _journal.Write);
        _moving = alone ? null : new MovingThread(
            setup, balancer.Movable, _clock, _envelope, _engine, () => new HandOverOrders(_lease!, _node!), _recording is null ? balancer.CutSessions : _ => { },
            balancer.Recorded.Drop, (vip, came) => _recording?.Acquired(vip, moved: came), vip => _recording?.Lost(vip), _journal.Write);
        OwnershipListener listener = new(setup, balancer, _journal, _hook, epoch => _replication!.SetOwnerEpoch(epoch), vip => _lease!.Post(() => _node!.Drained(vip)),
            _moving, _recording, vip => _fitness!.Withhold(vip), target => _reportBoard!.Find(target, out _)?.MoveForm ?? 0);
        _node = new OwnershipNode(new OwnershipOptions(setup.Model, setup.SelfId, setup.Incarnation), kernel, this, _clock, listener, new Random());
        _fitness = new FitnessSource(
            _node, balancer.MakeHeartbeat(), [.. setup.Model.Vips.Select(vip => vip.Device)], [.. setup.Model.Vips.Select(vip => vip.Address.ToString())]);
        _surroundings = new Surroundings(setup, Servers(), _clock);
        _lease = new LeaseThread(_node, _clock, PrepareLeaseThread, EveryTurn, OnReadable);
        _lease.Watch(kernel.PollFd, KernelFrames);
        WatchSurroundings();
        _replication = new ReplicationThread(
            wake => new Replicator(new ReplicationOptions(setup.Model, setup.SelfId, setup.Incarnation), balancer.Replicated, this, _clock, wake), _clock);
        _reportBoard = new ReportBoard(setup, _clock, _journal);
        _mail = new EngineMail(_envelope, _lease, _replication, _reportBoard, _moving, _recording, text => _journal.Write("message", text));
        _guard = alone ? null : new GuardLink(setup.Paths, setup.Self.Name, setup.Incarnation, _journal.Write) { OfUnit = setup.Units };
        if (_recording is not null && _guard is not null)
        {
            balancer.Recorded.HoldIn(_guard.Sockets);
        }
        ClusterParts parts = new()
        {
            Setup = setup,
            Clock = _clock,
            Engine = _engine,
            EngineName = alone ? "alone" : "corosync",
            EngineConnected = () => corosync?.Connected ?? true,
            RejectedTotal = () => _mail.RejectedTotal + _node.RejectedTotal + _engine.Counters.RejectedTotal + _replication.Snapshot().RejectedTotal,
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
            KernelLacks = kernel.Features.Fallbacks,
            Notes = () => LeftBehind.Find(setup.Model, balancer.Snapshot()),
        };
        OrderDesk desk = new(setup.SelfId, _envelope, (message, length) => _engine.Broadcast(message.AsSpan(0, length)) == SendResult.Accepted, order => Runtime!.Obey(order));
        _reportBoard.Orders = desk;
        ClusterSnapshots snapshots = new(parts, () => _reports!.Make());
        Runtime = new ClusterRuntime(parts, snapshots, _lease, _node, desk, reloads);
        _reports = new NodeReports(
            setup, balancer, _engine, _envelope, _reportBoard, _fitness, _guard, _clock, () => Runtime.IsStandby, () => _hashes, MoveForm);
    }

    public ClusterRuntime Runtime { get; }

    /// <summary>Steps 1 and 2, and the parts. As root, or as a user with CAP_NET_ADMIN and CAP_NET_RAW.</summary>
    /// <param name="say">Told of each event, for the standard error of a process in the foreground.</param>
    /// <exception cref="InvalidOperationException">The host can't; the message says what it lacks and what to do.</exception>
    public static ClusterNode Create(
        ClusterSetup setup, LoadBalancer balancer, IReadOnlyList<string> haproxyFiles, IReloads reloads, Action<ClusterEvent> say)
    {
        // Whoever runs Corosync reads the key, and that is root: a balancer of another user can't, and need not.
        if (setup.Model.Nodes.Length > 1 && Privileges.IsRoot && ClusterKey.Problem(setup.Model.KeyFile) is { } problem)
        {
            throw new InvalidOperationException(problem);
        }
        VipKernel kernel = VipKernel.Open(setup.Model, setup.SelfId, new MonotonicClock());
        try
        {
            ClusterNode node = new(setup, balancer, haproxyFiles, reloads, kernel, say);
            // Behind the closed fence: what an earlier life of this node left to say goodbye would stand in the way of sessions that come back here.
            foreach (VipModel vip in setup.Model.Vips)
            {
                DeadSockets.EndAll(vip.Address);
            }
            if (node._guard?.Start() is { } trouble)
            {
                node._guard.DisposeAsync().AsTask().GetAwaiter().GetResult();
                throw new InvalidOperationException(trouble);
            }
            return node;
        }
        catch
        {
            kernel.RemoveAll();
            kernel.Dispose();
            throw;
        }
    }

    /// <summary>Steps 3 to 8, on threads that have what rights the calling one has.</summary>
    /// <returns>Null, or why the node can't run.</returns>
    public string? Start()
    {
        _keeper.Start();
        _journal.Write("start", $"{_setup.Self.Name} starts, version {VersionText.Version}");
        foreach (string lack in _kernel.Features.Fallbacks)
        {
            _journal.Write("kernel", lack);
        }
        if (_guard is not null && !_setup.Units && !Privileges.IsRoot)
        {
            _journal.Write("engine", $"this user can't start Corosync: it must run already, as {CorosyncUnit.Name} or by root (exchangelb cluster-setup says how); else start this node as root");
        }
        for (int vip = 0; vip < _setup.Model.Vips.Length; vip++)
        {
            _fitness.SetLink(vip, _kernel.LinkUp(vip));
        }
        if (_setup.Model.HandOver != HandOverMode.Off && _moving?.HostLack is { } cannotMove)
        {
            _journal.Write("kernel", $"established connections end when a virtual IP moves: {cannotMove}");
        }
        foreach (string note in LeftBehind.Find(_setup.Model, _balancer.Snapshot()))
        {
            _journal.Write("moved", note);
        }
        if (_cannotRecord is { Length: > 0 })
        {
            _journal.Write("kernel", $"established connections end when their owner dies: {_cannotRecord}");
        }
        if (Runtime.IsStandby)
        {
            _node.SetStandby(true);
        }
        _lease.Start();
        _replication.Start();
        _moving?.Start();
        _recording?.Start();
        try
        {
            _engine.Start(_mail);
        }
        catch (InvalidOperationException missing)
        {
            return missing.Message;
        }
        _reports.Start();
        return null;
    }

    /// <summary>After a reload: the cluster's own file, what the others compare, stick tables and servers that are new.</summary>
    public void NoteReload(ClusterModel model, ConfigurationHashes hashes)
    {
        _setup.Model = model;
        _hook.Command = model.Hook;
        _lease.Post(() => _node.Reload(model));
        _hashes = hashes;
        _lease.Post(Replace);
    }

    /// <summary>For a watchdog, at steady intervals: false, the lease thread has not come since the last call to what it was asked then.</summary>
    public bool LeaseTurns()
    {
        bool turned = Interlocked.Exchange(ref _leaseTurned, false);
        return _lease.Post(() => Volatile.Write(ref _leaseTurned, true)) && turned;
    }

    /// <summary>One line for people: who owns what, and what stands in the way of a failover.</summary>
    public string Summary()
    {
        ClusterSnapshot now = Runtime.Snapshot();
        IEnumerable<string> vips = now.Vips.Select(vip =>
            vip.Role == VipRole.Owner ? $"owns {vip.Address}" : vip.Owner is { } owner ? $"{vip.Address} is {owner}'s" : $"nobody owns {vip.Address}");
        string obstacles = now.FailoverObstacles.IsEmpty ? "" : $"; a failover would not work now: {now.FailoverObstacles[0]}";
        return $"{now.Self}: {string.Join(", ", vips)}{obstacles}";
    }

    public bool Send(ReadOnlySpan<byte> body) => Send(MessageKind.Ownership, _ownershipMessage, body);

    bool IReplicationSender.Send(ReadOnlySpan<byte> body) => Send(MessageKind.Replication, _replicationMessage, body);

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

    /// <summary>Hands the VIPs over, or gives them up, and asks for none any more; ends when that is done, after 6 s at the latest.</summary>
    public async Task LeaveAsync()
    {
        _moving?.Leave();
        if (_lease.Post(_node.Leave))
        {
            TimeSpan started = _clock.Now;
            while (_clock.Now - started < LeaveWithin && !await HasLeftAsync().ConfigureAwait(false))
            {
                await Task.Delay(2).ConfigureAwait(false);
            }
            TimeSpan released = _clock.Now;
            while (_moving is { IsIdle: false } && _clock.Now - released < LetGoWithin)
            {
                await Task.Delay(2).ConfigureAwait(false);
            }
        }
    }

    /// <summary>VIPs first, then the engine, then the kernel's fence, then the guard.</summary>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync().ConfigureAwait(false);
        _guard?.SayEnding();
        await _reports.DisposeAsync().ConfigureAwait(false);
        _engine.Dispose();
        _replication.Dispose();
        _moving?.Dispose();
        _recording?.Dispose();
        _lease.Dispose();
        _kernel.RemoveAll();
        _kernel.Dispose();
        _surroundings.Dispose();
        if (_guard is not null)
        {
            await _guard.DisposeAsync().ConfigureAwait(false);
        }
        await _hook.DisposeAsync().ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
    }

    private void SayUnkept(string problem) => _journal.Write("events", $"they end with this process, for they can't be kept in {_setup.Paths.Events}: {problem}");

    private byte MoveForm() => _moving is { HostLack: null } && _setup.Model.HandOver != HandOverMode.Off ? MoveMessages.Form : (byte)0;

    /// <summary>By the lease thread, which must hear of it.</summary>
    private void SessionsCleared(int vip, int losses)
    {
        if (!_lease.Post(() => _fitness.Cleared(vip, losses)))
        {
            _ = Task.Delay(1).ContinueWith(_ => SessionsCleared(vip, losses), TaskScheduler.Default);
        }
    }

    private async Task<bool> HasLeftAsync()
    {
        TaskCompletionSource<bool> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            return !_lease.Post(() => answer.SetResult(_node.HasLeft && _fitness.HasCleared)) || await answer.Task.WaitAsync(LeaveWithin).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return true; // the lease thread does not answer: what it holds runs out by itself
        }
    }

    private bool Send(MessageKind kind, byte[] message, ReadOnlySpan<byte> body)
    {
        body.CopyTo(message.AsSpan(Envelope.HeaderBytes));
        return _engine.Broadcast(message.AsSpan(0, _envelope.Seal(kind, message, body.Length))) == SendResult.Accepted;
    }

    private void PrepareLeaseThread()
    {
        if (RealTime.RequestRoundRobin(RealTimePriority).Failed)
        {
            _journal.Write("kernel", "no real-time scheduling for the lease thread (a limit RTPRIO of 50, or CAP_SYS_NICE): on a busy host renewals may come late");
        }
    }

    private void OnReadable(ulong key)
    {
        if (key == KernelFrames)
        {
            _kernel.Drain(this);
        }
        else
        {
            _surroundingsDue = TimeSpan.Zero;
        }
    }

    private void WatchSurroundings()
    {
        foreach (int fd in _surroundings.PollFds)
        {
            _lease.Watch(fd, SurroundingFrames);
        }
    }

    /// <summary>After a reload: servers may have come or gone. On the lease thread, which has the rights for raw sockets.</summary>
    private void Replace()
    {
        try
        {
            Surroundings next = new(_setup, Servers(), _clock);
            _surroundings.Dispose();
            _surroundings = next;
            WatchSurroundings();
        }
        catch (InvalidOperationException lack)
        {
            _journal.Write("kernel", $"the surroundings of before the reload go on being watched: {lack.Message}");
        }
    }

    /// <summary>Where connections to servers go, as configured.</summary>
    private IEnumerable<IPAddress> Servers() =>
        _balancer.Snapshot().Proxies.SelectMany(proxy => proxy.Servers).Select(server => server.Address?.Address).OfType<IPAddress>();

    private void LookAround(TimeSpan now)
    {
        _surroundingsDue = _surroundings.Tick();
        (IReadOnlyList<string> gateways, int neighbours) = _surroundings.Unreached();
        _fitness.SetUnreached(gateways, neighbours);
        if (now >= _linksDue)
        {
            _linksDue = now + LinksEvery;
            _fitness.SetLinks(_surroundings.Links(_mail.View is { Members.Length: > 1 }));
        }
    }

    private TimeSpan EveryTurn(TimeSpan now)
    {
        if (now >= _surroundingsDue)
        {
            LookAround(now);
        }
        TimeSpan fitnessDue = _fitness.EveryTurn(now);
        _board.Write(_node, _setup.Model.Vips.Length);
        if (now >= _beatDue)
        {
            _beatDue = now + BeatEvery;
            if (_fitness.LoopsTurn)
            {
                _guard?.Beat();
            }
        }
        _kernel.Drain(this); // an answer to a probe that came meanwhile must be known before the next step is decided
        TimeSpan due = fitnessDue < _beatDue ? fitnessDue : _beatDue;
        return due < _surroundingsDue ? due : _surroundingsDue;
    }
}
