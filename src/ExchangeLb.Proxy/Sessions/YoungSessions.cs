using System.Threading;

namespace ExchangeLb.Proxy.Sessions;

/// <summary>
/// One count of the sessions that were accepted not long ago, which the loops carry out in their next turn. Asking never waits: look
/// at <see cref="Count"/> a few milliseconds later.
/// </summary>
public sealed class YoungSessions
{
    private int _count;
    private int _missing;

    internal YoungSessions(int loops) => _missing = loops;

    /// <summary>How many lived when they were counted; null: some loop has not counted yet.</summary>
    public int? Count => Volatile.Read(ref _missing) > 0 ? null : Volatile.Read(ref _count);

    internal void Add(int sessions)
    {
        Interlocked.Add(ref _count, sessions);
        Interlocked.Decrement(ref _missing);
    }
}
