using System.Net;
using System.Threading;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Listening;

namespace ExchangeLb.Proxy.Stats;

/// <summary>Accounts of one connection to the stats page, which Admin serves. Members may be called from any thread.</summary>
internal sealed class StatsSession : IStatsSession
{
    private readonly ProcessState _process;
    private readonly Listener _listener;
    private int _closed;

    public StatsSession(ProcessState process, Listener listener, in SockAddress client, int fd)
    {
        _process = process;
        _listener = listener;
        Client = client.ToEndPoint();
        TcpSocket.LocalAddress(fd, out SockAddress local);
        Local = local.ToEndPoint();
    }

    public ProxyModel Proxy => _listener.Plan.Proxy;

    public IPEndPoint Client { get; }

    public IPEndPoint Local { get; }

    public void RequestEnded(string requestLine, int status, long bytesIn, long bytesOut, bool bad)
    {
        _listener.Frontend.CountRequest(status, bytesIn, bytesOut, bad);
        _process.StatsLog?.RequestEnded(this, _listener.Plan, bytesOut);
    }

    public void Closed()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            if (_listener.Bind.MaxConn > 0)
            {
                _listener.Shared.Sessions.Leave();
            }
            _process.ConnectionEnded(_listener.Frontend);
        }
    }
}
