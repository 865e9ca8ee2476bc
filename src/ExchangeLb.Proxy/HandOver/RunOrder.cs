using System;
using System.Threading;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>Sessions from another node begin to run here; the last one in which something may have been on its way says so. Shared by the loops.</summary>
internal sealed class RunOrder
{
    private readonly Action _ran;
    private int _left;

    /// <param name="amid">So many were not told ahead: something may be on its way in them.</param>
    public RunOrder(int amid, Action ran)
    {
        (_left, _ran) = (amid, ran);
        if (amid == 0)
        {
            ran();
        }
    }

    /// <summary>So many of these go on, and have sent what was in hand, or have ended.</summary>
    public void HaveRun(int count)
    {
        if (count > 0 && Interlocked.Add(ref _left, -count) == 0)
        {
            _ran();
        }
    }
}
