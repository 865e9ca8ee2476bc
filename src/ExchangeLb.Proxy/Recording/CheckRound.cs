using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>All sessions of an address are asked once, and then judged. Shared by the loops, which ask and judge, and the thread that hears.</summary>
/// <param name="open">Those to be asked; null: all.</param>
/// <param name="isLast">Who is ahead for so long will not send again what is missing here.</param>
internal sealed class CheckRound(LocalAddresses at, int loops, IReadOnlyDictionary<ulong, SessionStand?>? open, bool isLast)
{
    private int _loopsLeft = loops;
    private int _reset;
    private volatile bool _calledOff;

    public LocalAddresses At => at;

    /// <summary>What each is to be found by when it answers.</summary>
    public ConcurrentDictionary<SegmentKey, (CheckedSession Session, bool IsClient)> Asked { get; } = new();

    /// <summary>What is not known to be here, with where it stood when it was asked first; null: it was busy.</summary>
    public ConcurrentDictionary<ulong, SessionStand?> Left { get; } = new();

    public int ResetTotal => Volatile.Read(ref _reset);

    public bool IsCalledOff => _calledOff;

    public bool LoopsAreThrough => Volatile.Read(ref _loopsLeft) <= 0;

    public void CallOff() => _calledOff = true;

    public bool Wants(ulong session) => open is null || open.ContainsKey(session);

    /// <summary>It was busy.</summary>
    public void Later(ulong session) => Left[session] = FirstOf(session);

    /// <summary>It is being asked: its answer may come at once.</summary>
    public void Ask(CheckedSession session, in SessionStand stand)
    {
        Left[session.Id] = FirstOf(session.Id) ?? stand;
        Asked[session.Client.Key] = (session, true);
        Asked[session.Server.Key] = (session, false);
    }

    /// <returns>True: it is to be reset.</returns>
    public bool Judge(CheckedSession session, in SessionStand now)
    {
        CheckVerdict verdict = session.VerdictAt(now);
        bool reset = verdict == CheckVerdict.Elsewhere || (verdict == CheckVerdict.Ahead && isLast && FirstOf(session.Id) == now);
        if (reset) { Interlocked.Increment(ref _reset); }
        if (reset || verdict == CheckVerdict.Here) { Left.TryRemove(session.Id, out _); }
        return reset;
    }

    /// <summary>All loops have something to do again.</summary>
    public void Begin(int count) => Volatile.Write(ref _loopsLeft, count);

    public void LoopIsThrough() => Interlocked.Decrement(ref _loopsLeft);

    private SessionStand? FirstOf(ulong session) => open is not null && open.TryGetValue(session, out SessionStand? first) ? first : null;
}
