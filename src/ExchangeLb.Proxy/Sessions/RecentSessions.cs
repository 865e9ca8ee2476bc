namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// The sessions that a loop began last, so that the young ones are found without a look at all. Where more than
/// <see cref="Capacity"/> began meanwhile, all are looked at. Owner: the loop's thread.
/// </summary>
internal sealed class RecentSessions
{
    /// <summary>Sessions that are remembered; at 10,000 a second and loop, those of the last 0.2 s.</summary>
    public const int Capacity = 2048;
    private readonly Began[] _ring = new Began[Capacity];
    private long _total;

    public void Note(Session session) =>
        _ring[(int)(_total++ & (Capacity - 1))] = new Began(session.AcceptedMs, session.Index, session.Generation);

    /// <summary>Living sessions of these addresses that began after the time.</summary>
    public int CountSince(long sinceMs, LocalAddresses at, SessionTable sessions)
    {
        int count = 0;
        for (long i = _total - 1; i >= 0 && i >= _total - Capacity; i--)
        {
            Began began = _ring[(int)(i & (Capacity - 1))];
            if (began.AtMs <= sinceMs)
            {
                return count;       // those before began no later
            }
            if (sessions.Find(began.Index, began.Generation) is { } session && at.AreOf(session))
            {
                count++;
            }
        }
        return _total <= Capacity ? count : CountAll(sinceMs, at, sessions);
    }

    private static int CountAll(long sinceMs, LocalAddresses at, SessionTable sessions)
    {
        int count = 0;
        for (int i = 0; i < sessions.HighWater; i++)
        {
            if (sessions.At(i) is { } session && session.AcceptedMs > sinceMs && at.AreOf(session))
            {
                count++;
            }
        }
        return count;
    }

    private readonly record struct Began(long AtMs, int Index, uint Generation);
}
