using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using ExchangeLb.Linux.Corosync;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// The engine of a cluster: membership, quorum and messages by the local Corosync (libcpg, libquorum). It joins two groups, that of the
/// balancers, whose members make the view, and that of their guards, of which it takes messages only.
/// </summary>
/// <remarks>
/// When Corosync dies the observer hears a view of this node alone whose verdict is <see cref="QuorumVerdict.Pending"/>, and stays so until
/// there is a new connection: nothing is known of the peers, so nothing may be done on account of their absence. The observer is
/// called on the engine's own thread; an exception that it throws ends the process.
/// </remarks>
public sealed class CorosyncEngine : IClusterEngine, ICorosyncClient, ICpgListener, IQuorumListener
{
    private const int Created = 0;
    private const int Started = 1;
    private const int Left = 2;

    // In one turn; then the other connections get theirs.
    private const int EventsMax = 256;

    /// <summary>A Corosync that has just started meets its peers within about 0.6 s of answering (measured, token 200 and 300); with a margin.</summary>
    internal static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(1200);

    private readonly CorosyncOptions _options;
    private readonly ImmutableArray<NodeId> _configured;
    private readonly LocalCorosync _local;
    private readonly string _group;
    private readonly GroupView _view;
    private readonly GuardGroup _guards;
    private readonly DispatchThread _thread;
    private readonly uint _pid = (uint)Environment.ProcessId;
    private readonly int[] _descriptors = new int[3];

    private IEngineObserver? _observer;
    private CpgConnection? _cpg;
    private QuorumConnection? _quorum;
    private long? _settleStart;
    private int _state;
    private volatile CpgConnection? _joined;
    private long _sentTotal;
    private long _refusedTotal;
    private long _receivedTotal;
    private long _viewsTotal;
    private long _rejectedTotal;
    private long _restartsTotal;

    public CorosyncEngine(CorosyncOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _configured = [.. options.Model.Nodes.Select(node => new NodeId(node.Id))];
        _local = new LocalCorosync(options);
        _group = GroupName.OfBalancers(options.Model.Name);
        _view = new GroupView(options.Self, _configured);
        _guards = new GuardGroup(options, GuardMessage);
        _thread = new DispatchThread(options, this, "corosync");
    }

    /// <summary>Far below the 1 MiB from which libcpg sends in pieces, and sleeps between them.</summary>
    public int PayloadMaxBytes => 64 * 1024;

    public EngineCounters Counters =>
        new(Interlocked.Read(ref _sentTotal), Interlocked.Read(ref _refusedTotal), Interlocked.Read(ref _receivedTotal), Interlocked.Read(ref _viewsTotal))
        {
            RejectedTotal = Interlocked.Read(ref _rejectedTotal),
            RestartsTotal = Interlocked.Read(ref _restartsTotal),
        };

    /// <summary>In the group, by a connection that lives.</summary>
    public bool Connected => _joined is not null;

    /// <exception cref="InvalidOperationException">Started before, disposed, or Corosync's libraries are missing (the message says what to install).</exception>
    public void Start(IEngineObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (CorosyncLibraries.Missing() is { } missing) { throw new InvalidOperationException(missing); }
        if (Interlocked.CompareExchange(ref _state, Started, Created) != Created)
        {
            throw new InvalidOperationException("An engine is started once.");
        }
        _observer = observer;
        _thread.Start();
    }

    public SendResult Broadcast(ReadOnlySpan<byte> payload)
    {
        SendResult result = _joined is not { } connection ? SendResult.NotJoined
            : payload.Length > PayloadMaxBytes ? SendResult.TooLarge
            : connection.Send(payload) switch
            {
                CorosyncError.CS_OK => SendResult.Accepted,
                CorosyncError.CS_ERR_TRY_AGAIN => SendResult.QueueFull,
                _ => SendResult.NotJoined,
            };
        Interlocked.Increment(ref result == SendResult.Accepted ? ref _sentTotal : ref _refusedTotal);
        return result;
    }

    public void Dispose()
    {
        Volatile.Write(ref _state, Left);
        _joined = null;
        _thread.Dispose();
    }

    CorosyncError ICorosyncClient.Connect(bool hadToWait)
    {
        // 1. Both connections, so that the first view finds a verdict waiting.
        CorosyncError error = QuorumConnection.Open(out _quorum);
        if (error == CorosyncError.CS_OK) { error = _local.Open(out _cpg); }
        // 2. The guards first: what a guard says must not be missed once its balancer was seen to leave.
        if (error == CorosyncError.CS_OK) { error = _guards.Connect(); }
        if (error == CorosyncError.CS_OK)
        {
            _view.Connected(hadToWait);
            _settleStart = hadToWait ? _options.Clock.GetTimestamp() : null;
            error = _cpg!.Join(_group);
        }
        if (error != CorosyncError.CS_OK)
        {
            Close();
            return error;
        }
        (_descriptors[0], _descriptors[1], _descriptors[2]) = (_cpg!.Fd, _quorum!.Fd, _guards.Fd);
        return error;
    }

    ReadOnlySpan<int> ICorosyncClient.Descriptors => _descriptors;

    TimeSpan? ICorosyncClient.Due => _settleStart is { } start ? SettleTime - _options.Clock.GetElapsedTime(start) : null;

    bool ICorosyncClient.Dispatch()
    {
        if (_settleStart is { } start && _options.Clock.GetElapsedTime(start) >= SettleTime)
        {
            _settleStart = null;
            Tell(_view.Settled());
        }
        return IsAlive(_cpg!.Dispatch(this, EventsMax)) && IsAlive(_quorum!.Dispatch(this, EventsMax)) && _guards.Dispatch(EventsMax);
    }

    void ICorosyncClient.ConnectionLost()
    {
        Interlocked.Increment(ref _restartsTotal);
        Close();
        _options.Note("engine", "the connection to Corosync was lost");
        Tell(_view.Lost());
    }

    void ICorosyncClient.Leave()
    {
        _cpg?.Leave(_group);
        Close();
    }

    void ICpgListener.MembersChanged(ReadOnlySpan<CpgAddress> members, ReadOnlySpan<CpgAddress> left, ReadOnlySpan<CpgAddress> joined)
    {
        ClusterView? view = _view.MembersChanged(members, left);
        if (Volatile.Read(ref _state) == Started && _view.Current is not null) { _joined = _cpg; }
        Tell(view);
    }

    void ICpgListener.RingChanged(RingId ring, ReadOnlySpan<uint> nodes) => Tell(_view.RingChanged(ring, nodes));

    void IQuorumListener.QuorumDecided(RingId ring, bool quorate) => Tell(_view.QuorumDecided(ring, quorate));

    void ICpgListener.Delivered(uint node, uint pid, ReadOnlySpan<byte> message)
    {
        if (node == _options.Self.Value && pid == _pid) { return; }
        Hand(node, message, _view.Has(node));
    }

    private void GuardMessage(uint node, ReadOnlySpan<byte> message) => Hand(node, message, _configured.Contains(new NodeId(node)) && _view.Current is not null);

    private void Hand(uint node, ReadOnlySpan<byte> message, bool believed)
    {
        if (Volatile.Read(ref _state) != Started) { return; }
        Interlocked.Increment(ref believed ? ref _receivedTotal : ref _rejectedTotal);
        if (believed) { _observer!.MessageArrived(new NodeId(node), message); }
    }

    private void Tell(ClusterView? view)
    {
        if (view is null || Volatile.Read(ref _state) != Started) { return; }
        Interlocked.Increment(ref _viewsTotal);
        _observer!.ViewChanged(view);
    }

    private void Close()
    {
        _joined = null;
        _settleStart = null;
        _cpg?.Dispose();
        _quorum?.Dispose();
        _guards.Close();
        (_cpg, _quorum) = (null, null);
    }

    private static bool IsAlive(CorosyncError error) => error is CorosyncError.CS_OK or CorosyncError.CS_ERR_TRY_AGAIN;
}
