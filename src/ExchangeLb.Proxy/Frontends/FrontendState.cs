using System.Collections.Immutable;
using System.Threading;
using ExchangeLb.Core.Model;
using ExchangeLb.Proxy.Counters;

namespace ExchangeLb.Proxy.Frontends;

/// <summary>
/// One frontend while it runs, from one configuration to the next. The gauge is shared by the loops; counters belong to them.
/// </summary>
internal sealed class FrontendState
{
    private int _paused;
    private long _requests;
    private long _badRequests;
    private long _requestBytesIn;
    private long _requestBytesOut;
    private readonly long[] _responses = new long[6];
    private volatile bool _stopped;

    public FrontendState(string name, ProxyMode mode, int loops)
    {
        Name = name;
        Mode = mode;
        NameBytes = System.Text.Encoding.UTF8.GetBytes(name);
        Counters = new ClientSideCounters[loops];
        for (int i = 0; i < loops; i++)
        {
            Counters[i] = new ClientSideCounters();
        }
    }

    public string Name { get; }
    public ProxyMode Mode { get; }
    public byte[] NameBytes { get; }

    /// <summary>One a loop.</summary>
    public ClientSideCounters[] Counters { get; }
    public SessionGauge Sessions { get; } = new();

    /// <summary>Its listeners are closed.</summary>
    public bool Stopped
    {
        get => _stopped;
        set => _stopped = value;
    }

    /// <summary>Some listener paused because of its limit; taken by whoever makes room.</summary>
    public void NotePaused() => Volatile.Write(ref _paused, 1);

    public bool TakePaused() => Volatile.Read(ref _paused) != 0 && Interlocked.Exchange(ref _paused, 0) != 0;

    // Requests for the stats page come from Admin's threads.
    public long Requests => Volatile.Read(ref _requests);

    public long BadRequests => Volatile.Read(ref _badRequests);

    public ImmutableArray<long> Responses => [.. _responses];

    public long RequestBytesIn => Volatile.Read(ref _requestBytesIn);

    public long RequestBytesOut => Volatile.Read(ref _requestBytesOut);

    public void CountRequest(int status, long bytesIn, long bytesOut, bool bad)
    {
        Interlocked.Add(ref _requestBytesIn, bytesIn);
        Interlocked.Add(ref _requestBytesOut, bytesOut);
        Interlocked.Increment(ref _requests);
        if (bad)
        {
            Interlocked.Increment(ref _badRequests);
        }
        Interlocked.Increment(ref _responses[status is >= 100 and < 600 ? (status / 100) - 1 : 5]);
    }

    public void ForgetRequests()
    {
        Interlocked.Exchange(ref _requests, 0);
        Interlocked.Exchange(ref _badRequests, 0);
        for (int i = 0; i < _responses.Length; i++)
        {
            Interlocked.Exchange(ref _responses[i], 0);
        }
    }
}
