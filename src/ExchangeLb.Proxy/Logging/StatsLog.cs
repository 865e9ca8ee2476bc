using System;
using System.Linq;
using System.Threading;
using ExchangeLb.Core.Logging;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Frontends;

namespace ExchangeLb.Proxy.Logging;

/// <summary>Lines about requests for the stats page. They come from several threads and are rare: a lock guards all.</summary>
internal sealed class StatsLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LogSinks _sinks;
    private readonly ProcessState _process;
    private readonly byte[] _message = new byte[8192];

    public StatsLog(int pid, ProcessState process)
    {
        _sinks = new LogSinks(pid);
        _process = process;
    }

    public long DroppedTotal => _sinks.DroppedTotal;

    /// <summary>Begins with another configuration.</summary>
    public void Adopt(GlobalModel global, FrontendPlan[] frontends)
    {
        lock (_lock)
        {
            _sinks.Adopt(global, frontends.SelectMany(frontend => frontend.Model.LogTargets));
        }
    }

    /// <summary>One request was answered; HAProxy logs it as a session with the server `&lt;STATS&gt;`.</summary>
    public void RequestEnded(IStatsSession session, FrontendPlan plan, long bytesOut)
    {
        if (plan.Model.LogTargets.IsEmpty)
        {
            return;
        }
        FrontendState frontend = plan.State;
        long unixMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        SockAddress client = SockAddress.From(session.Client);
        lock (_lock)
        {
            int offset = _sinks.UtcOffsetSeconds(unixMs);
            var facts = new SessionLogFacts
            {
                ClientAddress = client.Mapped,
                ClientPort = client.Port,
                AcceptUnixMs = unixMs,
                UtcOffsetSeconds = offset,
                Frontend = frontend.NameBytes,
                Backend = frontend.NameBytes,
                Server = SessionLogLine.StatsServer.ToArray(),
                BytesToClient = bytesOut,
                End = new TerminationCode(TerminationCause.Local, TerminationPhase.Request),
                ActiveConnections = _process.Connections.Current,
                FrontendConnections = frontend.Sessions.Current,
            };
            int length = plan.Model.TcpLog ? SessionLogLine.Write(facts, _message) : ConnectLine(session, client, frontend);
            foreach (LogSink sink in _sinks.For(plan.Model.LogTargets))
            {
                sink.Write(LogLevel.Info, unixMs, offset, _message.AsSpan(0, length));
                sink.Flush();
            }
        }
    }

    private int ConnectLine(IStatsSession session, in SockAddress client, FrontendState frontend)
    {
        SockAddress local = SockAddress.From(session.Local);
        return ConnectLogLine.Write(
            client.Mapped, client.Port, local.Mapped, local.Port, frontend.NameBytes, ProxyMode.Http, _message);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _sinks.Dispose();
        }
    }
}
