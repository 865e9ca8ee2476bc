using System;
using System.Threading;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Clocks;
using ExchangeLb.Linux.Corosync;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Cluster.Engine.Corosync;

/// <summary>
/// Connects to the local Corosync, takes what comes, and connects again when Corosync has died. On a thread of its own: whatever is not
/// taken piles up inside Corosync without limit (measured: 120 MB in 3 s), and its libraries wait as long as it is stopped.
/// </summary>
internal sealed class DispatchThread : IDisposable
{
    // Below the lease thread, above all that is not in a hurry: grants come this way, and wait on a busy machine as long as this thread does.
    private const int RealTimePriority = 40;

    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(1);

    // Corosync answers a leave within a millisecond; one that is stopped, never.
    private static readonly TimeSpan LeaveMax = TimeSpan.FromSeconds(1);

    // cpg_dispatch keeps a buffer of 1 MiB on the stack.
    private const int StackBytes = 4 << 20;

    private readonly CorosyncOptions _options;
    private readonly ICorosyncClient _client;
    private readonly EpollSet _epoll = new();
    private readonly WakeUp _wakeUp = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private CorosyncError _reported = CorosyncError.CS_OK;

    internal DispatchThread(CorosyncOptions options, ICorosyncClient client, string name)
    {
        _options = options;
        _client = client;
        _epoll.Add(_wakeUp.Fd, EpollBits.EPOLLIN, 0);
        _thread = new Thread(Run, StackBytes) { Name = name, IsBackground = true };
    }

    internal void Start() => _thread.Start();

    /// <summary>The client has left when this returns, unless Corosync does not answer: then the thread ends when it does.</summary>
    public void Dispose()
    {
        if (_stopping) { return; }
        _stopping = true;
        _wakeUp.Signal();
        bool started = (_thread.ThreadState & ThreadState.Unstarted) == 0;
        if (Thread.CurrentThread == _thread || (started && !_thread.Join(LeaveMax))) { return; }
        _epoll.Dispose();
        _wakeUp.Dispose();
    }

    private void Run()
    {
        if (_options.NetworkNamespace is { } path && NetworkNamespace.Enter(path) is { Failed: true } failed)
        {
            _options.Note("engine", $"cannot enter the network namespace {path}: {failed.Describe()}");
            return;
        }
        _ = RealTime.RequestRoundRobin(RealTimePriority);   // refused: told at start, by the lease thread that asks for the same
        TimeSpan retry = RetryFirst;
        bool waited = false;
        while (!_stopping)
        {
            CorosyncError error = _client.Connect(waited);
            if (error != CorosyncError.CS_OK)
            {
                Report(error);
                waited = true;
                Wait(retry);
                retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, RetryMax.Ticks));
                continue;
            }
            _reported = CorosyncError.CS_OK;
            Follow();
            retry = RetryFirst;
            waited = false;
        }
        _client.Leave();
    }

    private void Follow()
    {
        foreach (int fd in _client.Descriptors) { _epoll.Add(fd, EpollBits.EPOLLIN, 1); }
        while (!_stopping)
        {
            if (!_client.Dispatch())
            {
                _client.ConnectionLost();
                return;
            }
            Wait(_client.Due);
        }
    }

    /// <summary>Until something comes, somebody stops us, or the time is over.</summary>
    private void Wait(TimeSpan? most)
    {
        Span<EpollEvent> events = stackalloc EpollEvent[4];
        int timeoutMs = most is { } span ? (int)Math.Ceiling(Math.Max(0, span.TotalMilliseconds)) : -1;
        SysResult result = _epoll.Wait(events, timeoutMs);
        if (result.Failed && result.Error != Errno.EINTR)
        {
            throw new InvalidOperationException($"epoll_wait: {result.Describe()}");
        }
    }

    private void Report(CorosyncError error)
    {
        bool told = error == _reported || error == CorosyncError.CS_ERR_INVALID_PARAM;
        _reported = error;
        if (told) { return; }
        _options.Note("engine", Words(error));
    }

    /// <summary>Why there is no connection, and what to do.</summary>
    internal static string Words(CorosyncError error) => error switch
    {
        CorosyncError.CS_ERR_LIBRARY or CorosyncError.CS_ERR_TRY_AGAIN => "Corosync does not answer yet; trying again",
        CorosyncError.CS_ERR_ACCESS or CorosyncError.CS_ERR_SECURITY => "Corosync refuses this user: it is not granted access (uidgid) in Corosync's configuration",
        CorosyncError.CS_ERR_NOT_EXIST => "Corosync's shared memory cannot be opened: is /dev/shm full, or another one than Corosync's?",
        CorosyncError.CS_ERR_NO_SPACE => "/dev/shm is full, where Corosync keeps what it tells this program: make room (df -h /dev/shm); trying again",
        _ => $"Corosync refuses the connection: {error}",
    };
}
