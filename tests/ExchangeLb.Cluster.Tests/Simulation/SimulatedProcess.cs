using System;
using System.Collections.Generic;
using System.Linq;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Tests.Engine.Simulated;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Cluster.Tests.Simulation;

/// <summary>One life of a node's balancer: its lease thread, as the program composes it. It may stand still at any look at the clock and at any call.</summary>
internal sealed class SimulatedProcess : IEngineObserver, IOwnershipSender, IMonotonicClock, IOwnershipObserver, IClusterEngine
{
    private const int TurnsWithoutTime = 200;

    private readonly SimulatedWorld _world;
    private readonly Queue<Arrival> _inbox = [];
    private readonly Envelope _envelope = new(SimulatedWorld.ClusterName);
    private readonly List<ISimulatedPart> _parts = [];
    private readonly SimulatedEngine _engine;
    private readonly uint[] _epochs;
    private readonly bool[] _withheld;
    private readonly Dictionary<NodeId, ulong> _lives = [];
    private readonly GatheredSender _gathered;
    private readonly LocalClock _local;
    private SimulatedEngine? _later;
    private bool _busy;
    private bool _stopped;
    private bool _ended;
    private long _wake;
    private bool _standsStill;
    private int _callsToPause = -1;
    private TimeSpan _pause;
    private TimeSpan _stoppedUntil;
    private TimeSpan _pausedLast;
    private int _known;

    internal SimulatedProcess(SimulatedWorld world, SimulatedNode node, ulong incarnation)
    {
        (_world, Node, Incarnation) = (world, node, incarnation);
        _epochs = new uint[world.Model.Vips.Length];
        _withheld = new bool[world.Model.Vips.Length];
        _engine = world.Wire.Create(node.Id);
        _local = new LocalClock(world, node);
        _gathered = new GatheredSender(this, _local, GatherLater);
        _known = PlacesOf(node.Model);
        Ownership = new(new(Known(node.Model), node.Id, incarnation), new KernelEdge(world, this), this, this, this, new Random(world.Random.Next()));
        foreach (ISimulatedParts parts in world.Parts) { _parts.Add(parts.Create(world, this)); }
    }

    internal SimulatedNode Node { get; }
    internal ulong Incarnation { get; }
    internal OwnershipNode Ownership { get; }
    internal IReadOnlyList<ISimulatedPart> Parts => _parts;

    /// <summary>It stands still now.</summary>
    internal bool IsPaused => _stopped || _standsStill;
    internal bool HasEngine => _later is not null || !_engine.Died;
    internal TimeSpan PausedLast => _pausedLast > _stoppedUntil ? _pausedLast : _stoppedUntil;
    internal bool IsLeaving { get; private set; }
    internal int ConflictsReported { get; private set; }

    /// <summary>The highest epoch that a message told this process.</summary>
    internal uint EpochHeard(int vip) => _epochs[vip];

    /// <summary>The last life of that node of which it has heard.</summary>
    internal ulong HeardIncarnation(NodeId node) => _lives.GetValueOrDefault(node);

    TimeSpan IMonotonicClock.Now
    {
        get
        {
            MayPause();
            TimeSpan now = Node.Local(_world.Time.Now);
            MayPause();
            return now;
        }
    }

    /// <summary>The node keeps itself from the VIP, whatever the world says of it.</summary>
    internal bool Withheld(int vip) => _withheld[vip];

    internal void Withhold(int vip, bool withheld)
    {
        _withheld[vip] = withheld;
        _world.Judge.Disturbed();
        Do(process => process.Fit(vip));
    }

    /// <summary>Tells the protocol how fit it is, as the world and the process itself see it.</summary>
    internal void Fit(int vip)
    {
        if (vip >= _known) { return; }
        NodeFitness fit = _world.FitnessOf(Node, vip);
        Ownership.FitnessChanged(vip, fit with { Serving = fit.Serving && !_withheld[vip] });
    }

    /// <summary>It has a place for the VIP, which may have gone.</summary>
    internal bool Knows(int vip) => vip < _known;

    /// <summary>Takes its node's file over.</summary>
    internal void Reload()
    {
        int before = _known;
        _known = Math.Max(_known, PlacesOf(Node.Model));
        Ownership.Reload(Known(Node.Model));
        for (int vip = before; vip < _known; vip++) { Fit(vip); }
    }

    internal void Start()
    {
        Turn(process =>
        {
            process.Ownership.Start();
            // A fence that is put up anew has nothing of VIPs that are in no file any more.
            for (int vip = _known; vip < _world.Model.Vips.Length; vip++) { Node.Kernel.Release(vip); }
            for (int vip = 0; vip < _world.Model.Vips.Length; vip++) { process.Fit(vip); }
            process.Ownership.SetStandby(Node.Standby);
            _engine.Start(this);
        });
    }

    /// <param name="guarded">Its guard lives.</param>
    internal void End(bool guarded)
    {
        _ended = true;
        foreach (ISimulatedPart part in _parts) { part.Ended(guarded); }
        _engine.Dispose();
        _later?.Dispose();
    }

    /// <summary>At the so-many-th look at the clock or call from now on the process stands still for so long.</summary>
    internal void PauseAt(int calls, TimeSpan pause) => (_callsToPause, _pause) = (calls, pause);

    /// <summary>Stands still between two turns.</summary>
    internal void Stop(TimeSpan pause)
    {
        TimeSpan end = _world.Time.Now + pause;
        if (end <= _stoppedUntil) { return; }
        (_stopped, _stoppedUntil) = (true, end);
        _world.Time.At(end, () =>
        {
            if (_stoppedUntil != end) { return; }
            _stopped = false;
            _world.Judge.Disturbed();
            if (!_busy) { Turn(null); }   // it may stand still in a call besides, in the midst of a turn
        });
    }

    /// <summary>The engine's process is killed and started anew: for a while nothing is sent, then the node joins like a new one.</summary>
    internal void RestartEngine()
    {
        SimulatedEngine former = _later ?? _engine;
        former.Die();
        // What an adapter says when it has lost its engine: nothing is known of anybody.
        Arrive(new View(new(long.MaxValue, Node.Id, [Node.Id], QuorumVerdict.Pending)));
        _world.Time.After(WireNoise.Ms(500 + (700 * _world.Random.NextDouble())), () =>
        {
            if (_ended || (_later ?? _engine) != former) { return; }
            _later = _world.Wire.Create(Node.Id);
            _world.Judge.Disturbed();
            _later.Start(this);
        });
    }

    internal void Do(Action<SimulatedProcess> order) => Arrive(new Order(order));

    internal void Leave()
    {
        IsLeaving = true;
        Do(process =>
        {
            foreach (ISimulatedPart part in process.Parts) { part.Leave(); }
            process.Ownership.Leave();
        });
    }

    internal void Arrive(Arrival arrival)
    {
        if (_ended) { return; }
        _inbox.Enqueue(arrival);
        if (!_busy && !_stopped) { Turn(null); }
    }

    /// <summary>The process's threads may be stopped here, and the world goes on without it.</summary>
    internal void MayPause()
    {
        if (_callsToPause >= 0 && --_callsToPause < 0)
        {
            if (_world.Tracing) { _world.Trace(Node, $"stands still in a call for {_pause.TotalMilliseconds:0.0} ms"); }
            _pausedLast = _world.Time.Now + _pause;
            _world.Judge.Disturbed();
            _standsStill = true;
            _world.Time.RunUntil(_pausedLast);
            // Another process that stood still in a call meanwhile, and for longer, has kept this one back, too.
            (_standsStill, _pausedLast) = (false, _world.Time.Now);
            _world.Judge.Disturbed();
            if (_world.Tracing) { _world.Trace(Node, "goes on"); }
        }
        if (_ended) { throw new ProcessEndedException(); }
    }

    void IEngineObserver.ViewChanged(ClusterView view)
    {
        if (_world.Tracing) { _world.Trace(Node, $"view {string.Join(',', view.Members)}"); }
        Arrive(new View(view));
    }

    void IEngineObserver.MessageArrived(NodeId sender, ReadOnlySpan<byte> payload)
    {
        if (_envelope.Open(payload, out MessageKind kind, out ReadOnlySpan<byte> body) == OpenResult.Opened) { Arrive(new Message(sender, kind, body.ToArray())); }
    }

    bool IOwnershipSender.Send(ReadOnlySpan<byte> body)
    {
        MayPause();
        bool sent = Send(MessageKind.Ownership, body);
        _world.Said(this, body, sent);
        MayPause();
        return sent;
    }

    /// <param name="atOnce">Also of a kind that waits for others.</param>
    internal bool Send(MessageKind kind, ReadOnlySpan<byte> body, bool atOnce = false)
    {
        byte[] payload = new byte[Envelope.HeaderBytes + body.Length];
        body.CopyTo(payload.AsSpan(Envelope.HeaderBytes));
        _envelope.Seal(kind, payload, body.Length);
        bool isGathered = kind is MessageKind.Records or MessageKind.Replication;
        return (isGathered ? atOnce ? _gathered.SendAtOnce(payload) : _gathered.Send(payload) : ((IClusterEngine)this).Broadcast(payload)) == SendResult.Accepted;
    }

    int IClusterEngine.PayloadMaxBytes => _engine.PayloadMaxBytes;

    EngineCounters IClusterEngine.Counters => (_later ?? _engine).Counters;

    void IClusterEngine.Start(IEngineObserver observer) => throw new NotSupportedException();

    SendResult IClusterEngine.Broadcast(ReadOnlySpan<byte> payload) => (_later ?? _engine).Broadcast(payload);

    void IDisposable.Dispose() => throw new NotSupportedException();

    /// <summary>The thread on which small messages leave: it comes when it is due, sometimes later, and not while the process stands still.</summary>
    private void GatherLater()
    {
        double late = _world.Random.NextDouble() < 0.02 ? 150 * _world.Random.NextDouble() : _world.Random.NextDouble();
        _world.Time.After(GatheredSender.Pace + WireNoise.Ms(late), () =>
        {
            if (_ended) { return; }
            if (IsPaused || _gathered.Tick(_local.Now) < TimeSpan.MaxValue) { GatherLater(); }
        });
    }

    void IOwnershipObserver.Acquired(int vip, uint epoch)
    {
        _world.Acquired(this, vip, epoch);
        foreach (ISimulatedPart part in _parts) { part.Acquired(vip, epoch); }
    }

    bool IOwnershipObserver.HandingOver(int vip, NodeId target, ulong move, bool urgent)
    {
        if (_world.Tracing) { _world.Trace(Node, $"hands vip {vip} over to lb{target}"); }
        if (_parts.Any(part => part.HandingOver(vip, target, move, urgent))) { return true; }
        _world.Time.After(WireNoise.Ms(80 * _world.Random.NextDouble()), () => Do(process => process.Ownership.Drained(vip)));
        return false;
    }

    void IOwnershipObserver.Contending(int vip)
    {
        foreach (ISimulatedPart part in _parts) { part.Contending(vip); }
    }

    void IOwnershipObserver.UsedElsewhere(int vip)
    {
        foreach (ISimulatedPart part in _parts) { part.UsedElsewhere(vip); }
    }

    void IOwnershipObserver.RivalMet(int vip)
    {
        foreach (ISimulatedPart part in _parts) { part.RivalMet(vip); }
    }

    void IOwnershipObserver.Lost(int vip, string reason, VipLoss loss)
    {
        if (_world.Tracing) { _world.Trace(Node, $"lost vip {vip}: {reason}"); }
        foreach (ISimulatedPart part in _parts) { part.Lost(vip, loss); }
    }

    void IOwnershipObserver.OwnerChanged(int vip, NodeId? owner)
    {
        if (_world.Tracing) { _world.Trace(Node, $"owner of vip {vip} is {owner}"); }
        foreach (ISimulatedPart part in _parts) { part.OwnerChanged(vip, owner); }
    }

    void IOwnershipObserver.Conflict(int vip, ulong hardwareAddress, NodeId? node)
    {
        ConflictsReported++;
        if (node is null && !_world.Service.HadForeign(vip)) { _world.Fail($"lb{Node.Id} reports a conflict about vip {vip} that there is not"); }
    }

    void IOwnershipObserver.Note(string kind, string text)
    {
    }

    /// <summary>Up to the last VIP in the file: what is behind it, a process that starts with this file does not know.</summary>
    private static int PlacesOf(ClusterModel model)
    {
        int places = model.Vips.Length;
        while (places > 0 && model.Vips[places - 1].IsGone) { places--; }
        return places;
    }

    private ClusterModel Known(ClusterModel model) => model with { Vips = model.Vips[.._known] };

    private void Turn(Action<SimulatedProcess>? first)
    {
        _busy = true;
        try
        {
            first?.Invoke(this);
            TimeSpan due;
            int turns = 0;
            do
            {
                while (_inbox.TryDequeue(out Arrival? arrival)) { Hand(arrival); }
                due = Ownership.Tick();
                foreach (ISimulatedPart part in _parts)
                {
                    TimeSpan other = part.Tick(Node.Local(_world.Time.Now));
                    due = other < due ? other : due;
                }
                if (++turns > TurnsWithoutTime)
                {
                    _world.Fail($"node {Node.Id} turns without end");
                    return;
                }
            }
            while (_inbox.Count > 0 || due <= Node.Local(_world.Time.Now));
            if (IsLeaving && Ownership.HasLeft && _parts.All(part => part.IsIdle))
            {
                _world.Time.After(TimeSpan.FromMilliseconds(20), () => Node.Exited(this));
                IsLeaving = false;
            }
            WakeAt(due);
        }
        catch (ProcessEndedException)
        {
            // Killed while it stood still.
        }
        finally
        {
            _busy = false;
        }
    }

    private void WakeAt(TimeSpan due)
    {
        long wake = ++_wake;
        if (due == TimeSpan.MaxValue) { return; }
        _world.Time.At(Node.World(due) + WireNoise.Ms(0.3 * _world.Random.NextDouble()), () =>
        {
            if (wake == _wake && !_busy && !_stopped && !_ended) { Turn(null); }
        });
    }

    private void Hand(Arrival arrival)
    {
        switch (arrival)
        {
            case Message { Kind: MessageKind.Ownership } message:
                if (_world.Tracing) { _world.Trace(Node, $"hears {_world.Describe(message.Payload)} of {message.From}"); }
                Ownership.MessageArrived(message.From, message.Payload);
                _lives[message.From] = _world.Heard(message.Payload, _epochs);
                break;
            case Message message:
                foreach (ISimulatedPart part in _parts) { part.MessageArrived(message.Kind, message.From, message.Payload); }
                break;
            case View view:
                Ownership.ViewChanged(view.Seen);
                foreach (ISimulatedPart part in _parts) { part.ViewChanged(view.Seen); }
                break;
            case ProbeAnswer answer when !Knows(answer.Vip):
                break;
            case ProbeAnswer answer:
                if (_world.Tracing) { _world.Trace(Node, $"hears that {answer.From?.ToString() ?? "a foreign host"} has vip {answer.Vip}"); }
                Ownership.ProbeAnswered(answer.Vip, answer.From?.Value ?? ServiceNetwork.ForeignHardware, answer.From);
                break;
            case PeerAnswer answer:
                Ownership.PeerAnswered(answer.From);
                break;
            case Order order:
                order.Run(this);
                break;
        }
    }

    private sealed class ProcessEndedException : Exception;

    /// <summary>The process' clock for those who may not be stopped in a look at it.</summary>
    private sealed class LocalClock(SimulatedWorld world, SimulatedNode node) : IMonotonicClock
    {
        public TimeSpan Now => node.Local(world.Time.Now);
    }
}
