using System;
using System.Threading;

namespace ExchangeLb.Proxy.HandOver;

/// <summary>Sessions from another node begin to run here; the last one says so. Shared by the loops.</summary>
internal sealed class RunOrder
{
    private readonly Action _ran;
    private int _left;

    public RunOrder(int sessions, Action ran)
    {
        (_left, _ran) = (sessions, ran);
        if (sessions == 0)
        {
            ran();
        }
    }

    /// <summary>So many of them go on, and have sent what was in hand, or have ended.</summary>
    public void HaveRun(int count)
    {
        if (Interlocked.Add(ref _left, -count) == 0)
        {
            _ran();
        }
    }
}
