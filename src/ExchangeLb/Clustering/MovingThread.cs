using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Engine;
using ExchangeLb.Cluster.Messages;
using ExchangeLb.Cluster.Moving;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.Cluster.Streams;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Clocks;

namespace ExchangeLb.Clustering;

/// <summary>
/// The thread that moves established sessions along with a VIP: all that <see cref="Mover"/> hears and does happens on it. It never keeps the lease
/// thread: what it wants of it, it orders, and hears the answer as one more message.
/// </summary>
internal sealed class MovingThread : IStreamReceiver, IMoveHost, IDisposable
{
    /// <summary>Messages that may wait. A piece that is dropped is noticed by its target, and the sessions stay where they are.</summary>
    private const int WaitingMax = 1024;

    /// <summary>The same of a stream, whose sender waits then: 64 KiB each.</summary>
    internal const int StreamWaitingMax = 128;

    /// <summary>In the place of a move's number.</summary>
    private const ulong Coming = 0;

    /// <summary>While clients wait. Below the engine's thread; above the loops, which wait for it.</summary>
    private const int RealTimePriority = 20;

    /// <summary>Of the streams' threads, at that time.</summary>
    private const int StreamPriority = 15;

    /// <summary>Whatever the other node does: by then other work of the host has its turn again. Thousands of sessions take a tenth of it.</summary>
    private static readonly TimeSpan HastyFor = TimeSpan.FromSeconds(1);

    /// <summary>After a move of so many bytes the collector is told to give memory back: with all that it has it would keep gigabytes, in case they are needed again.</summary>
    private const long LargeMove = 16L * 1024 * 1024;

    /// <summary>All threads stand still for it, for 50 ms on two busy cores, or longer where the host has others to serve: a shorter lease than this, the default one, could lapse.</summary>
    private static readonly TimeSpan TidyLease = TimeSpan.FromMilliseconds(400);

    /// <summary>Then, so that nobody who goes on after a move waits for it.</summary>
    private static readonly TimeSpan TidyAfter = TimeSpan.FromSeconds(2);

    /// <summary>Once more: what sessions had in hand when they came they have passed on by then.</summary>
    private static readonly TimeSpan TidyAgainAfter = TimeSpan.FromSeconds(30);

    private readonly ClusterSetup _setup;
    private readonly IMovableSessions _sessions;
    private readonly IMonotonicClock _clock;
    private readonly Envelope _envelope;
    private readonly IClusterEngine _engine;
    private readonly INodeStreams _streams;
    private readonly Func<IHandOverOrders> _orders;
    private readonly Action<int> _drain;
    private readonly Action<IPAddress> _cut;
    private readonly Action<IPAddress> _cameInstead;
    private readonly Action<int, bool> _came;
    private readonly Action<int, SessionsLeft> _gone;
    private readonly Action<int, IReadOnlyList<GivenSession>> _gave;
    private readonly Func<bool> _tellsLost;
    /// <summary>By VIP: this node owns it, and sessions that were adopted for it wait for their old owner's word.</summary>
    private readonly bool[] _mayCome;
    /// <summary>By VIP: the target of the last move from here knows clients who wait for a place.</summary>
    private readonly bool[] _takesWaiting = new bool[VipPlaces.Max];
    private readonly Action<string, string> _write;
    private readonly Mover _mover;
    private readonly byte[] _message;
    private readonly MoveRecord[] _records;
    private readonly Lazy<string?> _lack;
    private readonly ActionThread _thread;
    /// <summary>Moves for which clients wait: new ones are held here (number of the move), or sessions are frozen at the node that they come from, or about to be (0).</summary>
    private readonly HashSet<(int Vip, ulong Move)> _waitedFor = [];
    private TimeSpan? _hurriesSince;

    /// <summary>Bytes of images that were adopted, since the last move came.</summary>
    private long _adoptedBytes;

    /// <summary>When the memory of a large move is given back; null: there is none.</summary>
    private TimeSpan? _tidyAt;
    private bool _tidyAgain;
    private bool _hurries;
    private int _mailWaiting;

    // Left to the collector, both: a stream's thread may be about to look at them.
    private readonly SemaphoreSlim _streamRoom = new(StreamWaitingMax);
    private readonly CancellationTokenSource _stop = new();

    /// <param name="orders">Asked for first when a hand-over begins.</param>
    /// <param name="drain">New connections wait: <see cref="YoungDone"/> is wanted.</param>
    /// <param name="cut">Ends what runs of an address that is no more ours.</param>
    /// <param name="instead">Sessions of this address come from its owner: what was made of records of them is in the way.</param>
    /// <param name="came">This node owns a VIP, and its sessions came along (true), or they did not. On this thread.</param>
    /// <param name="gone">This node has lost a VIP. On this thread, and so after what was said of it before.</param>
    /// <param name="gave">These sessions have gone to another node.</param>
    /// <param name="tellsLost">Sessions that a lost VIP takes along, frozen ones too, are told of and ended elsewhere, when the loss is known.</param>
    /// <param name="write">Tells people: kind and text of an event.</param>
    public MovingThread(
        ClusterSetup setup, IMovableSessions sessions, IMonotonicClock clock, Envelope envelope, IClusterEngine engine, INodeStreams streams, Func<IHandOverOrders> orders,
        Action<int> drain, Action<IPAddress> cut, Action<IPAddress> instead, Action<int, bool> came, Action<int, SessionsLeft> gone,
        Action<int, IReadOnlyList<GivenSession>> gave, Func<bool> tellsLost, Action<string, string> write)
    {
        (_setup, _sessions, _clock, _envelope, _engine, _streams) = (setup, sessions, clock, envelope, engine, streams);
        (_orders, _drain, _cut, _cameInstead, _came, _gone, _gave, _tellsLost, _write) = (orders, drain, cut, instead, came, gone, gave, tellsLost, write);
        _message = new byte[engine.PayloadMaxBytes];
        _mayCome = new bool[VipPlaces.Max];
        _records = [.. Enumerable.Range(0, VipPlaces.Max).Select(_ => new MoveRecord())];
        _lack = new Lazy<string?>(() => sessions.Lack);
        _mover = new Mover(setup.Model, setup.SelfId, this);
        _thread = new ActionThread("moving", clock, Turn);
    }

    /// <summary>Why this host can't move sessions, whatever is configured; null: it can. The first call takes some milliseconds.</summary>
    public string? HostLack => _lack.Value;

    /// <summary>Messages that could not be read. Any thread.</summary>
    public long RejectedTotal => _mover.RejectedTotal;

    /// <summary>No move from here is under way.</summary>
    public bool IsIdle => Array.TrueForAll(_records, record => !record.IsMoving);

    int IMoveHost.BodyMaxBytes => _engine.PayloadMaxBytes - Envelope.HeaderBytes;

    string IMoveHost.NameOf(NodeId node) => _setup.NameOf(node);

    string? IMoveHost.LackFor(int vip) => _setup.Model.Vips[vip].IsGone ? "its cluster.cfg does not have this VIP"
        : _setup.Model.HandOver == HandOverMode.Off ? "its cluster.cfg says 'hand-over off'"
        : HostLack;

    /// <summary>How moves of the VIP's sessions from here went. Any thread.</summary>
    public MoveRecord Record(int vip) => _records[vip];

    public void Start() => _thread.Start();

    /// <summary>A reload. Any thread; before anything is told of a VIP that came with it.</summary>
    public void Use(ClusterModel model) => Post(() => _mover.Use(model));

    /// <summary>The VIP goes to the target; so shall its sessions. Any thread.</summary>
    /// <param name="urgent">Its clients don't reach this node.</param>
    /// <param name="takesWaiting">The target knows clients who wait for a place.</param>
    public void Begin(int vip, NodeId target, ulong move, bool urgent, bool takesWaiting)
    {
        _records[vip].Begun();
        int count = _sessions.Count(Address(vip));
        Post(() =>
        {
            _takesWaiting[vip] = takesWaiting;
            _mover.Begin(vip, target, move, count, urgent, _clock.Now);
        });
    }

    /// <summary>Its young connections have got what they came for. Any thread.</summary>
    public void YoungDone(int vip) => Post(() => _mover.YoungDone(vip));

    /// <summary>Any thread.</summary>
    public void Acquired(int vip) => Post(() =>
    {
        _mayCome[vip] = _mover.IsTaking(vip);
        if (!_mayCome[vip])
        {
            _came(vip, false);
        }
        _mover.Acquired(vip, _clock.Now);
    });

    /// <summary>Also when those that were kept are to end. Any thread.</summary>
    public void Lost(int vip, SessionsLeft left) => Post(() =>
    {
        _mayCome[vip] = false;
        _mover.Lost(vip, _clock.Now, left == SessionsLeft.AreKept);
        _gone(vip, left);
    });

    public void OwnerIs(int vip, NodeId owner) => Post(() => _mover.OwnerIs(vip, owner));

    /// <summary>This node is about to end, and takes no more sessions. Any thread.</summary>
    public void Leave() => Post(_mover.Leave);

    /// <summary>A stream has ended, or another one has taken its place. Any thread.</summary>
    public void Disconnected(NodeId node) => Post(() => _mover.Disconnected(node));

    public void ViewChanged(ClusterView view) => Post(() => _mover.ViewChanged(view));

    public void MessageArrived(MessageKind kind, NodeId sender, ReadOnlySpan<byte> body)
    {
        if (Volatile.Read(ref _mailWaiting) >= WaitingMax)
        {
            return;
        }
        Interlocked.Increment(ref _mailWaiting);
        Deliver(sender, body, () => Interlocked.Decrement(ref _mailWaiting));
    }

    /// <summary>What came by a stream. On that stream's thread, which waits until there is room, and so holds its sender back.</summary>
    public void StreamArrived(NodeId sender, ReadOnlySpan<byte> body)
    {
        try
        {
            _streamRoom.Wait(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        Deliver(sender, body, () => _streamRoom.Release());
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Dispose();
        if (_hurries)
        {
            HurryOthers(false);
        }
    }

    bool IMoveHost.Send(ReadOnlySpan<byte> body) => _engine.Broadcast(Sealed(body)) == SendResult.Accepted;

    int IMoveHost.ConnectionTo(NodeId node) => _streams.StreamTo(node);

    bool IMoveHost.IsConnecting(NodeId node) => _streams.IsComing(node);

    bool IMoveHost.SendOnConnection(NodeId node, int connection, ReadOnlySpan<byte> body) => _streams.Send(node, connection, Sealed(body));

    void IMoveHost.Tell(int vip, ulong move) => _ = TellAsync(vip, move);

    void IMoveHost.HoldNew(int vip, ulong move)
    {
        Hurry(vip, move);
        Order(orders => orders.HoldNew(vip, move, _ => _drain(vip)));
    }

    void IMoveHost.Freeze(int vip, ulong move)
    {
        Hurry(vip, move);
        Order(orders => orders.Freeze(vip, move, frozen => Post(() =>
        {
            if (frozen)
            {
                _ = DescribeAsync(vip, move);
            }
            else
            {
                _mover.Froze(vip, move, null, "the hand-over has ended, or the kernel refused to freeze the address", _clock.Now);
            }
        })));
    }

    void IMoveHost.AskMayStay(int vip, ulong move) =>
        Order(orders => orders.MayStay(vip, move, may => Post(() => _mover.MayStay(vip, move, may, _clock.Now))));

    void IMoveHost.Moved(int vip, ulong move) =>
        Order(orders => orders.Moved(vip, move, released => Post(() => _mover.Released(vip, move, released, _clock.Now))));

    void IMoveHost.Given(int vip) => _gave(vip, _sessions.TakeGiven(Address(vip)));

    void IMoveHost.Ran(int vip) => Order(orders => orders.Ran(vip));

    void IMoveHost.NotMoved(int vip, ulong move, string reason) =>
        Order(orders => orders.NotMoved(vip, move, kept => Post(() => _mover.Kept(vip, move, kept, _clock.Now))));

    void IMoveHost.Resume(int vip) => _sessions.Resume(Address(vip));

    void IMoveHost.Forget(int vip, bool given)
    {
        _sessions.TakeGiven(Address(vip));
        if (given || !_tellsLost())
        {
            _sessions.Forget(Address(vip));
        }
    }

    void IMoveHost.Expect(int vip) => Hurry(vip, Coming);

    string? IMoveHost.Adopt(int vip, ulong session, ReadOnlySpan<byte> image)
    {
        Hurry(vip, Coming);
        _cameInstead(Address(vip));
        _adoptedBytes += image.Length;
        return _sessions.Adopt(Address(vip), session, image);
    }

    /// <summary>What is recorded of sessions stays for now: their owner may die before it names any.</summary>
    void IMoveHost.AdoptTold(int vip, ulong session, ReadOnlySpan<byte> image) => _sessions.AdoptTold(Address(vip), session, image);

    string? IMoveHost.Keep(int vip, ReadOnlySpan<ulong> sessions)
    {
        Hurry(vip, Coming);
        _cameInstead(Address(vip));
        return _sessions.Keep(Address(vip), sessions);
    }

    MissedSessions IMoveHost.Settle(int vip) => _sessions.Settle(Address(vip));

    int IMoveHost.Run(int vip, ulong move) => _sessions.Run(Address(vip), () => Post(() =>
    {
        if (_mover.AllRun(vip, move))
        {
            _waitedFor.Remove((vip, Coming));
        }
    }));

    void IMoveHost.Drop(int vip)
    {
        _sessions.Drop(Address(vip));
        _waitedFor.Remove((vip, Coming));
    }

    void IMoveHost.Cut(int vip) => _cut(Address(vip));

    void IMoveHost.Gave(MoveOutcome outcome)
    {
        _records[outcome.Vip].Ended(outcome);
        _waitedFor.Remove((outcome.Vip, outcome.Move));
        TidyLater(outcome.Bytes);
        string target = _setup.NameOf(outcome.Target);
        string left = (outcome.Left > 0 ? $"; {outcome.Left} could not be moved and ended" : "")
            + (outcome.AreMore ? "; more clients waited for a place (maxconn) than there were descriptors for: the others were left behind" : "")
            + (outcome.AreTooLarge ? "; more waited in the connections than may be moved" : "")
            + (outcome.WhyMissed.Length > 0 ? $"; {target} could not take all: {outcome.WhyMissed}" : "");
        _write("moved", outcome.Trouble is { } trouble
            ? $"connections of {Address(outcome.Vip)} were not moved to {target}: {trouble}"
            : $"{MoveRecord.Connections(outcome.Moved)} of {Address(outcome.Vip)} moved to {target}, frozen for {outcome.Frozen.TotalMilliseconds:0} ms ({Words(outcome.Times)}; {outcome.Ahead} were told ahead){left}");
    }

    void IMoveHost.Took(int vip, NodeId from, int count, string? trouble)
    {
        TidyLater(_adoptedBytes);
        _adoptedBytes = 0;
        if (_mayCome[vip])
        {
            _mayCome[vip] = false;
            _came(vip, count > 0);
        }
        _write("moved", trouble is null
            ? $"{MoveRecord.Connections(count)} of {Address(vip)} came from {_setup.NameOf(from)}"
            : count == 0 ? $"no connections of {Address(vip)} came from {_setup.NameOf(from)}: {trouble}"
            : $"{MoveRecord.Connections(count)} of {Address(vip)} came from {_setup.NameOf(from)}; {trouble}");
    }

    /// <summary>Haste ends only once all has been said that was due: others wait for it.</summary>
    private TimeSpan Turn(TimeSpan now)
    {
        TimeSpan due = _mover.Tick(now);
        if (_waitedFor.Count == 0)
        {
            _hurriesSince = null;
        }
        TimeSpan end = _hurriesSince is { } since ? since + HastyFor : TimeSpan.MinValue;
        if (now < end)
        {
            return end < due ? end : due;
        }
        if (_hurries)
        {
            SetHurry(false);
        }
        if (_tidyAt is not { } at || _waitedFor.Count > 0)
        {
            return due;
        }
        if (now < at)
        {
            return at < due ? at : due;
        }
        (_tidyAt, _tidyAgain) = (_tidyAgain ? now + TidyAgainAfter : null, false);
        if (_setup.Model.Timings.Lease >= TidyLease)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        return due;
    }

    private void TidyLater(long bytes)
    {
        if (bytes >= LargeMove)
        {
            (_tidyAt, _tidyAgain) = (_clock.Now + TidyAfter, true);
        }
    }

    private void Hurry(int vip, ulong move)
    {
        _waitedFor.Add((vip, move));
        if (_hurriesSince is null)
        {
            _hurriesSince = _clock.Now;
            SetHurry(true);
        }
    }

    private void SetHurry(bool on)
    {
        _hurries = on;
        _ = on ? RealTime.RequestRoundRobin(RealTimePriority) : RealTime.GiveUp();
        HurryOthers(on);
    }

    private void HurryOthers(bool on)
    {
        _sessions.Hurry(on);
        _streams.Hurry(on ? StreamPriority : 0);
    }

    private ReadOnlySpan<byte> Sealed(ReadOnlySpan<byte> body)
    {
        body.CopyTo(_message.AsSpan(Envelope.HeaderBytes));
        return _message.AsSpan(0, _envelope.Seal(MessageKind.HandOver, _message, body.Length));
    }

    private void Deliver(NodeId sender, ReadOnlySpan<byte> body, Action taken)
    {
        int length = body.Length;
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(copy);
        Post(() =>
        {
            taken();
            _mover.MessageArrived(sender, copy.AsSpan(0, length), _clock.Now);
            ArrayPool<byte>.Shared.Return(copy);
        });
    }

    private static string Words(in MoveTimes times) =>
        $"described {times.Describing.TotalMilliseconds:0}, adopted {times.Adopting.TotalMilliseconds:0}, released {times.Releasing.TotalMilliseconds:0}, run {times.Running.TotalMilliseconds:0}";

    private async Task TellAsync(int vip, ulong move)
    {
        BytesInHand waiting = default;
        try
        {
            waiting = await _sessions.TellAsync(Address(vip), (session, image) => Post(() => _mover.Told(vip, move, session, image))).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // what is not told ahead is described later
        catch (Exception bug)
        {
            _write("moved", $"connections of {Address(vip)} could not be told ahead: internal error: {bug.Message}");
        }
#pragma warning restore CA1031
        Post(() => _mover.AllTold(vip, move, waiting));
    }

    /// <summary>Described on the loops; what they say is brought to this thread.</summary>
    private async Task DescribeAsync(int vip, ulong move)
    {
        FrozenSessions? frozen = null;
        string trouble = "";
        try
        {
            frozen = await _sessions.FreezeAsync(
                Address(vip),
                _takesWaiting[vip],
                (session, image) => Post(() => _mover.Image(vip, move, session, image)),
                sessions => Post(() => _mover.AsTold(vip, move, sessions.Span))).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever went wrong, the hand-over must be called off
        catch (Exception bug)
        {
            trouble = $"internal error: {bug.Message}";
        }
#pragma warning restore CA1031
        Post(() => _mover.Froze(vip, move, frozen, trouble, _clock.Now));
    }

    /// <summary>An order that the lease thread has no room for is given again: each of them must be heard. It may then come after a later one;
    /// the number of its move tells.</summary>
    private void Order(Func<IHandOverOrders, bool> give)
    {
        if (!_thread.IsStopping && !give(_orders()))
        {
            _ = Task.Delay(1).ContinueWith(_ => Post(() => Order(give)), TaskScheduler.Default);
        }
    }

    private IPAddress Address(int vip) => _setup.Model.Vips[vip].Address;

    private void Post(Action action) => _thread.Post(action);
}
