using System;
using System.Collections.Immutable;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using ExchangeLb.Cluster.Fitness;
using ExchangeLb.Cluster.Ownership;
using ExchangeLb.CommandLine;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Process;

namespace ExchangeLb.Clustering.Guarding;

/// <summary>
/// Watches one balancer, and gives up what it leaves behind:
/// <list type="number">
/// <item>the balancer's line ends, its process ends, or its beat stays away for <paramref name="hangLimit"/>;</item>
/// <item>whatever is left of that very process is killed, and its end is seen (pidfd), so that it can do nothing more;</item>
/// <item><paramref name="release"/> deletes lease and address of the incarnation that was watched, which fences it;</item>
/// <item>in <paramref name="everyTurn"/> the peers are told;</item>
/// <item>the duplicates of its quiet sessions' sockets are closed without a packet (<see cref="HeldSockets"/>): behind the fence nobody waits for that;</item>
/// <item>what is recorded of its sessions is left in <paramref name="recordsFile"/>, for its next process.</item>
/// </list>
/// All of it happens on the thread that runs <see cref="Run"/>.
/// </summary>
/// <param name="form">Of balancers that this guard fits: <see cref="GuardTalk.Form"/>.</param>
/// <param name="everyTurn">Called on that thread, ten times a second at least, and right after a release.</param>
/// <param name="held">Its owner disposes of it.</param>
/// <param name="follow">Told which VIPs the balancer runs with.</param>
internal sealed class Guard(
    string socketPath, string form, TimeSpan hangLimit, IMonotonicClock clock, Action<ulong, string> release, Action<string> log, Action? everyTurn = null,
    HeldSockets? held = null, string? recordsFile = null, Action<ImmutableArray<VipModel>>? follow = null)
    : IDisposable
{
    private const ulong Woken = 0;
    private const ulong Listening = 1;
    private const ulong Talking = 2;
    private const ulong Watching = 3;
    private const ulong Holding = 4;
    private const int LookEveryMs = 100;
    private const int EndMaxMs = 2000;

    private readonly EpollSet _epoll = new();
    private readonly WakeUp _wakeUp = new();
    private readonly EpollEvent[] _events = GC.AllocateUninitializedArray<EpollEvent>(8, pinned: true);
    private readonly Lock _saying = new();
    private readonly byte[] _buffer = new byte[GuardTalk.LineMaxBytes];
    private Socket? _listener;
    private Socket? _balancer;
    private string? _news;
    private PidFd? _process;
    private int _pid;
    private LoopWatch _watch = new(hangLimit);
    private ulong _incarnation;
    private int _filled;
    private bool _beat;
    private bool _hasBeaten;

    /// <summary>Why a process was killed that could not say so itself, for the next one.</summary>
    private string? _killed;
    private string _form = form;
    private volatile bool _stop;
    private volatile bool _stopWhenAlone;

    /// <summary>From any thread: ends <see cref="Run"/> once no balancer is there. Whoever stops a whole service signals both, and the balancer needs its messages to hand over.</summary>
    public void Stop()
    {
        _stopWhenAlone = true;
        _wakeUp.Signal();
    }

    /// <summary>From any thread: a line for the balancer, if one is there.</summary>
    public void Say(string line)
    {
        lock (_saying)
        {
            Send(line);
        }
    }

    /// <summary>
    /// From any thread: how things stand, for the balancer that is there, or else for the next one. A balancer that starts its guard comes a moment
    /// after it, and what keeps Corosync from running is said once.
    /// </summary>
    public void SayNow(string line)
    {
        lock (_saying)
        {
            _news = _balancer is null ? line : null;
            Send(line);
        }
    }

    /// <returns>Null after <see cref="Stop"/> or the balancer's order to stop; else why the guard can't work.</returns>
    public string? Run()
    {
        File.Delete(socketPath);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(socketPath));
            File.SetUnixFileMode(socketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(4);
        }
        catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
        {
            return $"{socketPath}: {failure.Message}";
        }
        _epoll.Add(_wakeUp.Fd, EpollBits.EPOLLIN, Woken);
        _epoll.Add((int)_listener.Handle, EpollBits.EPOLLIN, Listening);
        if (held is not null)
        {
            _epoll.Add(held.Fd, EpollBits.EPOLLIN, Holding);
        }
        while (!_stop)
        {
            Turn();
        }
        return null;
    }

    public void Dispose()
    {
        _listener?.Dispose();
        File.Delete(socketPath);
        _balancer?.Dispose();
        _process?.Dispose();
        _epoll.Dispose();
        _wakeUp.Dispose();
    }

    private void Send(string line)
    {
        try
        {
            _balancer?.Send(Encoding.UTF8.GetBytes(line + "\n"), SocketFlags.None, out _);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It has gone, which is noticed elsewhere.
        }
    }

    private void Turn()
    {
        SysResult waited = _epoll.Wait(_events, LookEveryMs);
        for (int i = 0; i < waited.Count; i++)
        {
            switch (_events[i].Data)
            {
                case Listening:
                    Accept();
                    break;
                case Talking when _balancer is not null:
                    Read();
                    break;
                case Holding:
                    held!.Turn(_process is null ? 0 : _pid);
                    break;
                case Watching when _process is not null:
                    Lost("its process has ended");
                    break;
                default:
                    _wakeUp.Clear();
                    break;
            }
        }
        _hasBeaten |= _beat;
        if (_process is not null && _hasBeaten && (_beat || waited.Count <= 0) && !_watch.Observe(_beat, clock.Now))
        {
            string why = $"its loops or its lease thread hang for {hangLimit.TotalSeconds:0.0} s";
            _killed = why;
            Lost(why);
        }
        _beat = false;
        everyTurn?.Invoke();
        _stop |= _stopWhenAlone && _balancer is null;
        if (_balancer is null && waited.Count == 0 && !File.Exists(socketPath))
        {
            log($"{socketPath} has been deleted, so no balancer can find this guard: it ends");
            _stop = true;
        }
    }

    /// <summary>One balancer at a time: a second one is turned away as long as the first is there.</summary>
    private void Accept()
    {
        try
        {
            Socket arrived = _listener!.Accept();
            if (_balancer is not null)
            {
                arrived.Dispose();
                return;
            }
            arrived.Blocking = false;
            _filled = 0;
            _epoll.Add((int)arrived.Handle, EpollBits.EPOLLIN, Talking);
            Greet(arrived);
        }
        catch (SocketException)
        {
            // It went before it was accepted.
        }
    }

    private void Greet(Socket arrived)
    {
        lock (_saying)
        {
            _balancer = arrived;
            Send(GuardTalk.GuardLine(Environment.ProcessId, VersionText.Version).TrimEnd('\n'));
            if (_news is { } news)
            {
                Send(news);
            }
            _news = null;
        }
    }

    private void Read()
    {
        int got = _balancer!.Receive(_buffer.AsSpan(_filled), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return;
        }
        if (error != SocketError.Success || got == 0)
        {
            Lost("it closed the line without a word");
            return;
        }
        _filled += got;
        int from = 0;
        int end;
        while (_balancer is not null && (end = Array.IndexOf(_buffer, (byte)'\n', from, _filled - from)) >= 0)
        {
            Take(Encoding.ASCII.GetString(_buffer, from, end - from));
            from = end + 1;
        }
        if (_balancer is null || (from == 0 && _filled == _buffer.Length))
        {
            HangUp();
            return;
        }
        _buffer.AsSpan(from, _filled - from).CopyTo(_buffer);
        _filled -= from;
    }

    private void Take(string line)
    {
        if (line == GuardTalk.Beat)
        {
            _beat = true;
        }
        else if (line == GuardTalk.Stop)
        {
            log("told to stop");
            _stop = true;
        }
        else if (line == GuardTalk.Ending)
        {
            Unwatch();
        }
        else if (GuardTalk.TryReadHello(line, out ulong incarnation, out int pid, out string itsForm))
        {
            if (itsForm != _form)
            {
                log($"a balancer of another release or with another cluster.cfg is here ({itsForm}, this guard: {_form}): ending for one that fits");
                _stop = true;
                return;
            }
            Watch(incarnation, pid);
        }
        else if (GuardTalk.ReadVips(line) is var (itsOwn, vips))
        {
            _form = itsOwn;     // it has taken over another cluster.cfg: a later life of it comes with that
            follow?.Invoke(vips);
        }
    }

    private void Watch(ulong incarnation, int pid)
    {
        SysResult opened = PidFd.Open(pid, out PidFd? process);
        if (opened.Error == Errno.ESRCH)
        {
            release(incarnation, "its process ended while it said hello");
            HangUp();
            return;
        }
        if (opened.Failed)
        {
            log($"process {pid} can't be watched: {opened.Describe()}");
            HangUp();
            return;
        }
        Unwatch();
        _process = process;
        _pid = pid;
        _incarnation = incarnation;
        _watch = new LoopWatch(hangLimit);
        _epoll.Add(process!.Fd, EpollBits.EPOLLIN, Watching);
        log($"watching process {pid}, incarnation {incarnation}");
        if (_killed is { } why)
        {
            Say($"{GuardTalk.Former} {why}");
            _killed = null;
        }
        if (held is not null)
        {
            Say(GuardTalk.HoldsLine(held.Capacity, held.Lack));
        }
    }

    private void Lost(string why)
    {
        if (_process is not null)
        {
            ulong incarnation = _incarnation;
            End(_process, _pid);
            release(incarnation, why);
            everyTurn?.Invoke();
            CloseHeld();
            LeaveRecords();
        }
        HangUp();
    }

    private void CloseHeld()
    {
        TimeSpan started = clock.Now;
        int count = held?.CloseSilently() ?? 0;
        if (count > 0)
        {
            log(FormattableString.Invariant($"sockets of {count} quiet sessions closed without a packet; {(clock.Now - started).TotalMilliseconds:0.0} ms"));
        }
    }

    private void LeaveRecords()
    {
        try
        {
            int count = recordsFile is null || held is null ? 0 : held.LeaveRecords(recordsFile);
            if (count > 0)
            {
                log($"records of {count} sessions left for the next process of this node");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log($"{recordsFile}: {failure.Message}: the next process of this node knows nothing of its sessions");
        }
    }

    /// <summary>
    /// Only what can do nothing more is given up for: once its descriptor is readable, or, 100 ms earlier, once all of its threads are on their way out.
    /// </summary>
    private static void End(PidFd process, int pid)
    {
        process.Send(Signal.SIGKILL);
        using EpollSet ended = new();
        ended.Add(process.Fd, EpollBits.EPOLLIN, 0);
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        for (int waitedMs = 0; waitedMs < EndMaxMs && !ProcessEnd.CanDoNothing(pid); waitedMs++)
        {
            if (ended.Wait(events, 1).Count > 0)
            {
                return;
            }
        }
    }

    private void HangUp()
    {
        lock (_saying)
        {
            _balancer?.Dispose();
            _balancer = null;
        }
        Unwatch();
        _filled = 0;
    }

    private void Unwatch()
    {
        _process?.Dispose();
        _process = null;
        _hasBeaten = false;
        held?.Close();
    }
}
