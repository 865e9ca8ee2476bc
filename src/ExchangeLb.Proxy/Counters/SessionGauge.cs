using System.Threading;

namespace ExchangeLb.Proxy.Counters;

/// <summary>How many there are now and were at most. Shared by all loops, since a limit holds for their sum.</summary>
internal sealed class SessionGauge
{
    private int _current;
    private int _max;

    public int Current => Volatile.Read(ref _current);

    public int Max => Volatile.Read(ref _max);

    /// <summary>One more, unless there are <paramref name="limit"/> (0: no limit) already.</summary>
    public bool TryEnter(int limit)
    {
        int now = Interlocked.Increment(ref _current);
        if (limit > 0 && now > limit)
        {
            Interlocked.Decrement(ref _current);
            return false;
        }
        RaiseMax(now);
        return true;
    }

    /// <summary>One more.</summary>
    public void Enter() => RaiseMax(Interlocked.Increment(ref _current));

    /// <summary>One less.</summary>
    public void Leave() => Interlocked.Decrement(ref _current);

    public void ForgetMax() => Volatile.Write(ref _max, Current);

    private void RaiseMax(int now)
    {
        int max = Volatile.Read(ref _max);
        while (now > max)
        {
            int seen = Interlocked.CompareExchange(ref _max, now, max);
            if (seen == max)
            {
                break;
            }
            max = seen;
        }
    }
}
