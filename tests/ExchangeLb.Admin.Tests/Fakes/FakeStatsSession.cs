using System.Collections.Concurrent;
using System.Net;
using System.Threading.Tasks;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Tests.Fakes;

/// <summary>Keeps the accounts of one stats connection.</summary>
internal sealed class FakeStatsSession(ProxyModel proxy, string client = "127.0.0.1") : IStatsSession
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProxyModel Proxy => proxy;

    public IPEndPoint Client { get; } = new(IPAddress.Parse(client), 50000);

    public IPEndPoint Local { get; } = new(IPAddress.Loopback, 80);

    public ConcurrentQueue<EndedRequest> Requests { get; } = [];

    public int ClosedTimes { get; private set; }

    public Task WhenClosed => _closed.Task;

    public void RequestEnded(string requestLine, int status, long bytesIn, long bytesOut, bool bad) =>
        Requests.Enqueue(new EndedRequest(requestLine, status, bytesIn, bytesOut, bad));

    public void Closed()
    {
        ClosedTimes++;
        _closed.TrySetResult();
    }
}

internal sealed record EndedRequest(string Line, int Status, long BytesIn, long BytesOut, bool Bad);
