using System;
using System.Numerics;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Loops;

/// <summary>
/// Wakes sessions at about their deadlines. One intrusive ring per slot of <see cref="SlotMs"/>; a session that is only active
/// longer is not moved, it is looked at when its slot comes and put where its deadline then is. So activity costs nothing and a
/// session no object. Deadlines beyond the horizon are looked at once a horizon. Fires up to one slot late, never early.
/// </summary>
internal sealed class TimerWheel
{
    public const int SlotMs = 8;
    private const int SlotCount = 8192;
    private const int SlotMask = SlotCount - 1;
    private readonly Session?[] _heads = new Session?[SlotCount];
    private readonly ulong[] _occupied = new ulong[SlotCount / 64];
    private long _currentTick;

    /// <summary>No session is due earlier. Cancelling does not move it: a look at a slot that is empty by then finds the next one.</summary>
    private long _soonestTick = long.MaxValue;

    public TimerWheel(long nowMs) => _currentTick = nowMs / SlotMs;

    /// <summary>Longest time in ms after which a session is looked at again.</summary>
    public static long HorizonMs => (SlotCount - 2) * (long)SlotMs;

    /// <summary>Sees to it that the session is looked at no later than at the deadline (long.MaxValue: none) or the horizon.</summary>
    public void Schedule(Session session, long deadlineMs)
    {
        if (deadlineMs == long.MaxValue)
        {
            return;     // an earlier look, if one is set, finds that there is nothing to do
        }
        long tick = Math.Clamp((deadlineMs / SlotMs) + 1, _currentTick + 1, _currentTick + SlotCount - 1);
        if (session.TimerTick >= 0)
        {
            if (session.TimerTick <= tick)
            {
                return;
            }
            Cancel(session);
        }
        int slot = (int)tick & SlotMask;
        Session? head = _heads[slot];
        session.TimerTick = tick;
        _soonestTick = Math.Min(_soonestTick, tick);
        session.TimerPrevious = null;
        session.TimerNext = head;
        if (head is not null)
        {
            head.TimerPrevious = session;
        }
        _heads[slot] = session;
        _occupied[slot >> 6] |= 1UL << (slot & 63);
    }

    public void Cancel(Session session)
    {
        if (session.TimerTick < 0)
        {
            return;
        }
        if (session.TimerNext is { } next)
        {
            next.TimerPrevious = session.TimerPrevious;
        }
        if (session.TimerPrevious is { } previous)
        {
            previous.TimerNext = session.TimerNext;
        }
        else
        {
            int slot = (int)session.TimerTick & SlotMask;
            _heads[slot] = session.TimerNext;
            if (session.TimerNext is null)
            {
                _occupied[slot >> 6] &= ~(1UL << (slot & 63));
            }
        }
        session.TimerNext = null;
        session.TimerPrevious = null;
        session.TimerTick = -1;
    }

    /// <summary>Takes out one session whose slot has come, or null when none is left at <paramref name="nowMs"/>.</summary>
    public Session? TakeDue(long nowMs)
    {
        long nowTick = nowMs / SlotMs;
        while (nowTick >= _soonestTick)
        {
            if (_heads[(int)_currentTick & SlotMask] is { } session && session.TimerTick <= nowTick)
            {
                Cancel(session);
                return session;
            }
            long next = NextOccupiedTick();
            _soonestTick = next < 0 ? long.MaxValue : next;
            _currentTick = Math.Min(_soonestTick, nowTick);
        }
        _currentTick = Math.Max(_currentTick, nowTick);     // nothing lies between
        return null;
    }

    /// <summary>Milliseconds until a session may be due; -1: there is none.</summary>
    public int NextDelayMs(long nowMs) =>
        _soonestTick == long.MaxValue ? -1 : (int)Math.Max(0, (_soonestTick * SlotMs) - nowMs);

    /// <summary>The first tick after the current one whose slot is occupied; -1: none. Slots map to ticks within one round.</summary>
    private long NextOccupiedTick()
    {
        int from = (int)(_currentTick + 1) & SlotMask;
        int word = from >> 6;
        ulong bits = _occupied[word] & (ulong.MaxValue << (from & 63));
        for (int looked = 0; looked <= _occupied.Length; looked++)
        {
            if (bits != 0)
            {
                int slot = (word << 6) + BitOperations.TrailingZeroCount(bits);
                return _currentTick + 1 + ((slot - from) & SlotMask);
            }
            word = (word + 1) % _occupied.Length;
            bits = _occupied[word];
        }
        return -1;
    }
}
