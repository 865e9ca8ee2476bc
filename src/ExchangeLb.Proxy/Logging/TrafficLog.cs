using System;
using System.Linq;
using System.Text;
using ExchangeLb.Core.Logging;
using ExchangeLb.Core.Model;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Logging;

/// <summary>
/// One loop's traffic log: a line a session, gathered and sent once a turn. Nothing is allocated per line. Owner: the loop's
/// thread, but for the drop counter.
/// </summary>
internal sealed class TrafficLog : IDisposable
{
    /// <summary>At most one line in this time about each thing that ran out.</summary>
    private const long ComplaintEveryMs = 1000;

    /// <summary>Bytes of a message at most, before the frame; what is longer is cut off.</summary>
    private const int MessageLimit = 8192;
    private readonly LogSinks _sinks;
    private readonly int _loop;
    private readonly ProcessState _process;
    private readonly byte[] _message = new byte[MessageLimit];
    private long _nextComplaintMs;
    private bool _unsent;

    /// <param name="loop">Index of the loop whose log it is.</param>
    public TrafficLog(int loop, int pid, ProcessState process)
    {
        _sinks = new LogSinks(pid);
        _loop = loop;
        _process = process;
    }

    /// <summary>Begins with another configuration, before its first session.</summary>
    public void Adopt(GlobalModel global, FrontendPlan[] frontends)
    {
        _sinks.Adopt(global, frontends.SelectMany(frontend => frontend.Model.LogTargets));
        foreach (FrontendPlan frontend in frontends)
        {
            frontend.Sinks[_loop] = _sinks.For(frontend.Model.LogTargets);
        }
    }

    public long DroppedTotal => _sinks.DroppedTotal;

    /// <summary>A connection came: the line of frontends without `option tcplog`.</summary>
    public void Accepted(Session session)
    {
        FrontendPlan frontend = session.Listener.Plan;
        LogSink[] sinks = frontend.Sinks[_loop];
        if (sinks.Length == 0 || frontend.Model.TcpLog)
        {
            return;
        }
        TcpSocket.LocalAddress(session.ClientFd, out SockAddress local);
        int length = ConnectLogLine.Write(
            session.ClientAddress.Mapped, session.ClientAddress.Port, local.Mapped, local.Port, frontend.State.NameBytes,
            ProxyMode.Tcp, _message);
        Send(sinks, LogLevel.Info, session.AcceptedUnixMs, length);
    }

    /// <summary>The server's connection is made: the line of `option logasap`.</summary>
    public void Connected(Session session, long nowMs)
    {
        if (session.Listener.Plan.Model.LogAsap)
        {
            Write(session, SessionEnd.Normal, nowMs, early: true);
            session.Logged = true;
        }
    }

    /// <summary>The line of `option tcplog`.</summary>
    public void SessionEnded(Session session, SessionEnd end, long nowMs)
    {
        FrontendModel model = session.Listener.Plan.Model;
        bool silent = session.Upload.Received == 0 && model.DontLogNull;
        bool well = !end.IsError && !session.Redispatched && session.Attempts <= 1 && model.DontLogNormal;
        bool stopping = end == SessionEnd.ProcessStopped;       // HAProxy leaves without a word too
        if (!session.Logged && !silent && !well && !stopping)
        {
            Write(session, end, nowMs, early: false);
        }
    }

    /// <summary>Accepting has paused for want of something.</summary>
    public void AcceptPaused(FrontendPlan frontend, SysResult reason, long nowMs, long unixMs)
    {
        string what = reason.Error switch
        {
            Errno.EMFILE => "the process has no file descriptor left (ulimit-n)",
            Errno.ENFILE => "the system has no file descriptor left (fs.file-max)",
            _ => "the system has no memory left for sockets",
        };
        Complain(frontend, $"Proxy {frontend.Model.Name} pauses accepting: {what}.", nowMs, unixMs);
    }

    /// <summary>A connection to a server could not even be tried.</summary>
    public void NoResources(Session session, SysResult reason, long nowMs, long unixMs)
    {
        string what = reason.Error is Errno.EADDRNOTAVAIL or Errno.EADDRINUSE or Errno.EAGAIN
            ? "no free source port towards the server"
            : reason.Describe();
        Complain(
            session.Listener.Plan,
            $"Connect() failed for backend {session.Backend!.Model.Name}, server {session.Server!.Model.Name}: {what}.",
            nowMs,
            unixMs);
    }

    /// <summary>Sends what was gathered this turn.</summary>
    public void Flush()
    {
        if (_unsent)
        {
            _unsent = false;
            _sinks.Flush();
        }
    }

    public void Dispose() => _sinks.Dispose();

    private void Complain(FrontendPlan frontend, string message, long nowMs, long unixMs)
    {
        if (nowMs < _nextComplaintMs)
        {
            return;
        }
        _nextComplaintMs = nowMs + ComplaintEveryMs;
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        int length = Math.Min(bytes.Length, _message.Length);
        bytes.AsSpan(0, length).CopyTo(_message);
        Send(frontend.Sinks[_loop], LogLevel.Emerg, unixMs, length);
    }

    private void Write(Session session, SessionEnd end, long nowMs, bool early)
    {
        FrontendPlan frontend = session.Listener.Plan;
        LogSink[] sinks = frontend.Sinks[_loop];
        if (sinks.Length == 0 || !frontend.Model.TcpLog)
        {
            return;
        }
        SessionLogFacts facts = Facts(session, end, nowMs, early);
        facts.UtcOffsetSeconds = _sinks.UtcOffsetSeconds(session.AcceptedUnixMs);
        int length = SessionLogLine.Write(facts, _message);
        LogLevel level = end.IsError && frontend.Model.LogSeparateErrors ? LogLevel.Err : LogLevel.Info;
        Send(sinks, level, session.AcceptedUnixMs + facts.TotalMs, length);
    }

    private SessionLogFacts Facts(Session session, SessionEnd end, long nowMs, bool early)
    {
        FrontendState frontend = session.Listener.Frontend;
        int itself = early ? 0 : 1;     // HAProxy has left the server and the backend when it writes the line, but not the frontend
        return new SessionLogFacts
        {
            ClientAddress = session.ClientAddress.Mapped,
            ClientPort = session.ClientAddress.Port,
            AcceptUnixMs = session.AcceptedUnixMs,
            Frontend = frontend.NameBytes,
            Backend = session.Backend?.NameBytes ?? frontend.NameBytes,
            Server = session.Server?.NameBytes ?? session.Waiter?.Server?.NameBytes,
            QueueMs = session.QueueMs,
            ConnectMs = session.ConnectMs,
            TotalMs = (int)Math.Min(int.MaxValue, nowMs - session.AcceptedMs),
            BytesToClient = session.Download.Received,
            End = new TerminationCode((TerminationCause)end.Cause, (TerminationPhase)end.Phase),
            ActiveConnections = _process.Connections.Current,
            FrontendConnections = frontend.Sessions.Current,
            BackendConnections = session.Backend is { } counted ? Math.Max(0, counted.Sessions.Current - itself) : 0,
            ServerConnections = session.Server is { } server ? Math.Max(0, server.Sessions.Current - (session.HoldsPlace ? itself : 0)) : 0,
            Retries = session.BackendModel is { } backend ? backend.Retries - session.RetriesLeft : 0,
            Redispatched = session.Redispatched,
            ServerQueue = session.ServerQueuePosition,
            BackendQueue = session.BackendQueuePosition,
            Early = early,
        };
    }

    private void Send(LogSink[] sinks, LogLevel level, long unixMs, int length)
    {
        int offset = _sinks.UtcOffsetSeconds(unixMs);
        foreach (LogSink sink in sinks)
        {
            sink.Write(level, unixMs, offset, _message.AsSpan(0, length));
        }
        _unsent = true;
    }
}
