using System;

namespace ExchangeLb.Proxy.Recording;

/// <summary>How many records may be made: so many a second, and what was not used of a tenth of a second at once. Pure.</summary>
internal sealed class RecordBudget(int perSecond)
{
    private const int MsPerSecond = 1000;
    private long _thousandths;      // of records
    private long _atMs;

    private long Most => (long)perSecond * MsPerSecond / 10;

    public bool TryTake(long nowMs)
    {
        long elapsed = Math.Clamp(nowMs - _atMs, 0, MsPerSecond);
        _atMs = nowMs;
        _thousandths = Math.Min(Most, _thousandths + (elapsed * perSecond));
        if (_thousandths < MsPerSecond)
        {
            return false;
        }
        _thousandths -= MsPerSecond;
        return true;
    }
}
