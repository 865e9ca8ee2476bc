using System;
using System.Threading;
using ExchangeLb.Linux.Corosync;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// How a guard, a process of its own beside the balancer, speaks to all balancers of the cluster: they hear it as their engine's messages,
/// from the guard's node. Kept connected, so that there is nothing to wait for when there is something to say.
/// </summary>
public sealed class CorosyncGuardSender : IDisposable, ICorosyncClient
{
    private const int EventsMax = 256;

    private readonly GuardGroup _group;
    private readonly DispatchThread _thread;
    private readonly int[] _descriptors = new int[1];
    private volatile bool _joined;
    private volatile bool _left;
    private int _started;

    public CorosyncGuardSender(CorosyncOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _group = new GuardGroup(options, static (_, _) => { });
        _thread = new DispatchThread(options, this, "corosync-guard");
    }

    /// <summary>
    /// In the group. The others may be out of reach all the same, also for about half a second after Corosync's own start: what must not be
    /// missed is said more than once.
    /// </summary>
    public bool Connected => _joined;

    /// <summary>Connects in the background, again and again until it is disposed.</summary>
    /// <exception cref="InvalidOperationException">Started before, or Corosync's libraries are missing (the message says what to install).</exception>
    public void Start()
    {
        if (CorosyncLibraries.Missing() is { } missing) { throw new InvalidOperationException(missing); }
        if (_left || Interlocked.Exchange(ref _started, 1) != 0) { throw new InvalidOperationException("A sender is started once."); }
        _thread.Start();
    }

    /// <summary>Any thread; never waits, never throws.</summary>
    public SendResult Broadcast(ReadOnlySpan<byte> payload) =>
        !_joined ? SendResult.NotJoined
        : payload.Length > 64 * 1024 ? SendResult.TooLarge
        : _group.Send(payload) switch
        {
            CorosyncError.CS_OK => SendResult.Accepted,
            CorosyncError.CS_ERR_TRY_AGAIN => SendResult.QueueFull,
            _ => SendResult.NotJoined,
        };

    public void Dispose()
    {
        _left = true;
        _joined = false;
        _thread.Dispose();
    }

    CorosyncError ICorosyncClient.Connect(bool hadToWait)
    {
        CorosyncError error = _group.Connect();
        if (error != CorosyncError.CS_OK) { return error; }
        _descriptors[0] = _group.Fd;
        return error;
    }

    ReadOnlySpan<int> ICorosyncClient.Descriptors => _descriptors;

    TimeSpan? ICorosyncClient.Due => null;

    bool ICorosyncClient.Dispatch()
    {
        bool alive = _group.Dispatch(EventsMax);
        _joined = alive && _group.IsJoined && !_left;
        return alive;
    }

    void ICorosyncClient.ConnectionLost()
    {
        _joined = false;
        _group.Close();
    }

    void ICorosyncClient.Leave() => _group.Close();
}
