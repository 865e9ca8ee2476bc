using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;

namespace ExchangeLb.Clustering;

/// <summary>
/// The kernel keeps resets of VIPs to itself while sockets of their sessions are made, which may take longer than it does so by itself: renewed until the work is done.
/// Each beginning has a number, so that the end of an earlier one does not end a later one. Any thread.
/// </summary>
/// <param name="begin">For some seconds from now on.</param>
/// <param name="renewEvery">Shorter than that.</param>
internal sealed class Silences(Func<IPAddress, bool> begin, Func<IPAddress, bool> end, TimeSpan renewEvery) : IDisposable
{
    /// <summary>With 100,000 sessions the work takes some 10 s. Afterwards whoever speaks to no socket is told so.</summary>
    private const int RenewalsMax = 15;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Silence> _silences = [];
    private long _last;

    private sealed record Silence(long Number, Timer Timer)
    {
        public int Renewals { get; set; }
    }

    /// <returns>Its number.</returns>
    public long Begin(IPAddress vip)
    {
        lock (_gate)
        {
            Stop(vip);
            begin(vip);
            long number = ++_last;
            _silences[vip] = new Silence(number, new Timer(_ => Renew(vip, number), null, renewEvery, renewEvery));
            return number;
        }
    }

    /// <summary>The work is done for now: what is left of it ends by itself.</summary>
    public void Rest(IPAddress vip, long number)
    {
        lock (_gate)
        {
            if (IsOf(vip, number)) { Stop(vip); }
        }
    }

    /// <summary>All sockets are there.</summary>
    public void End(IPAddress vip, long number)
    {
        lock (_gate)
        {
            if (IsOf(vip, number)) { End(vip); }
        }
    }

    /// <summary>Whoever began it: there is nothing to wait for.</summary>
    public void End(IPAddress vip)
    {
        lock (_gate)
        {
            Stop(vip);
            end(vip);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (Silence silence in _silences.Values) { silence.Timer.Dispose(); }
            _silences.Clear();
        }
    }

    private void Renew(IPAddress vip, long number)
    {
        lock (_gate)
        {
            if (!IsOf(vip, number)) { return; }
            if (++_silences[vip].Renewals > RenewalsMax) { Stop(vip); }
            else { begin(vip); }
        }
    }

    private bool IsOf(IPAddress vip, long number) => _silences.TryGetValue(vip, out Silence? silence) && silence.Number == number;

    private void Stop(IPAddress vip)
    {
        if (_silences.Remove(vip, out Silence? silence)) { silence.Timer.Dispose(); }
    }
}
