using System;

namespace ExchangeLb.Cluster.Ownership;

/// <summary>
/// Which of this node's messages about a VIP its peers have granted. A lease counts from the sending of the message that was granted, so
/// that neither the way there nor the way back can make it longer than the promise.
/// </summary>
internal sealed class GrantTally(int nodes)
{
    private const int Remembered = 64;

    private readonly (ulong Number, TimeSpan SentAt)[] _sent = new (ulong, TimeSpan)[Remembered];
    private readonly TimeSpan[] _grantedFrom = Filled(nodes);
    private int _next;
    private ulong _voidUpTo;

    internal void Sent(ulong number, TimeSpan at)
    {
        _sent[_next] = (number, at);
        _next = (_next + 1) % Remembered;
    }

    /// <param name="place">Of the peer, in the model.</param>
    /// <returns>False: nothing new, for it was withdrawn, or sent too long ago to matter.</returns>
    internal bool Granted(int place, ulong number)
    {
        if (number <= _voidUpTo) { return false; }
        foreach ((ulong sent, TimeSpan at) in _sent)
        {
            if (sent != number) { continue; }
            bool later = at > _grantedFrom[place];
            if (later) { _grantedFrom[place] = at; }
            return later;
        }
        return false;
    }

    /// <summary>All that was sent up to this number shall not be used, granted or not.</summary>
    internal void Void(ulong upTo)
    {
        _voidUpTo = upTo;
        Array.Fill(_grantedFrom, Moments.Never);
    }

    /// <summary>When the latest of those messages was sent that so many peers have granted, it or a later one; <see cref="Moments.Never"/>: none.</summary>
    /// <param name="peers">1 and up.</param>
    internal TimeSpan GrantedFrom(int peers)
    {
        TimeSpan from = Moments.Never;
        foreach (TimeSpan candidate in _grantedFrom)
        {
            if (candidate <= from) { continue; }
            int granted = 0;
            foreach (TimeSpan other in _grantedFrom) { granted += other >= candidate ? 1 : 0; }
            if (granted >= peers) { from = candidate; }
        }
        return from;
    }

    private static TimeSpan[] Filled(int nodes)
    {
        TimeSpan[] all = new TimeSpan[nodes];
        Array.Fill(all, Moments.Never);
        return all;
    }
}
