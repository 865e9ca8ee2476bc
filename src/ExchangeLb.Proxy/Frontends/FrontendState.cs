using System.Collections.Immutable;
using System.Threading;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Rules;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Counters;

namespace ExchangeLb.Proxy.Frontends;

/// <summary>A `use_backend` rule ready to be asked. A disabled backend is null: who is sent there finds no server.</summary>
internal readonly record struct BackendRule(CompiledCondition? Condition, BackendState? Backend);

/// <summary>
/// One frontend while it runs. The model and the rules never change; the gauge is shared by the loops; counters belong to them.
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

    public FrontendState(int index, ProxyModel proxy, FrontendModel model, int sessionLimit, int loops)
    {
        Index = index;
        Proxy = proxy;
        Model = model;
        NameBytes = System.Text.Encoding.UTF8.GetBytes(model.Name);
        SessionLimit = sessionLimit;
        Counters = new ClientSideCounters[loops];
        for (int i = 0; i < loops; i++)
        {
            Counters[i] = new ClientSideCounters();
        }
    }

    /// <summary>Among the running frontends.</summary>
    public int Index { get; }
    public ProxyModel Proxy { get; }
    public FrontendModel Model { get; }
    public byte[] NameBytes { get; }

    /// <summary>Concurrent sessions at which accepting pauses.</summary>
    public int SessionLimit { get; }

    /// <summary>One a loop.</summary>
    public ClientSideCounters[] Counters { get; }
    public SessionGauge Sessions { get; } = new();

    /// <summary>In order; the first that holds wins. Set once, before the loops start.</summary>
    public ImmutableArray<BackendRule> Rules { get; set; } = [];

    /// <summary>Where sessions go that no rule sends elsewhere; null: nowhere.</summary>
    public BackendState? DefaultBackend { get; set; }

    /// <summary>Its listeners are closed.</summary>
    public bool Stopped
    {
        get => _stopped;
        set => _stopped = value;
    }

    /// <summary>Some listener paused because of <see cref="SessionLimit"/>; taken by whoever makes room.</summary>
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
