using System;

namespace ExchangeLb.Proxy.Counters;

/// <summary>Turns a growing total into a rate a second, sampled about once a second. Owner: the control thread; read by others.</summary>
internal sealed class RateMeter
{
    private long _lastTotal;
    private long _lastMs;

    public int Rate { get; private set; }

    public int Max { get; private set; }

    public void Sample(long total, long nowMs)
    {
        if (_lastMs != 0 && nowMs > _lastMs)
        {
            Rate = (int)Math.Min(int.MaxValue, (((total - _lastTotal) * 1000) + (nowMs - _lastMs) - 1) / (nowMs - _lastMs));
            Max = Math.Max(Max, Rate);
        }
        _lastTotal = total;
        _lastMs = nowMs;
    }

    public void ForgetMax() => Max = Rate;
}
