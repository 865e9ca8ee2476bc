using ExchangeLb.Proxy.Backends;

namespace ExchangeLb.Proxy.Stats;

/// <summary>Since when a backend has had a usable server or none, and for how long it had none. Owner: the control thread.</summary>
internal sealed class BackendAvailability(BackendState backend, long startMs)
{
    private bool _up = true;
    private long _downMs;

    public long ChangedMs { get; private set; } = startMs;

    public long DownTransitions { get; private set; }

    public long DownMs(long nowMs) => _downMs + (_up ? 0 : nowMs - ChangedMs);

    /// <summary>Something about its servers has changed.</summary>
    public void Note(long nowMs)
    {
        bool up = !backend.CountUsable().None;
        if (up == _up)
        {
            return;
        }
        if (up)
        {
            _downMs += nowMs - ChangedMs;
        }
        else
        {
            DownTransitions++;
        }
        _up = up;
        ChangedMs = nowMs;
    }
}
