using System.Threading;
using ExchangeLb.Cluster.Moving;

namespace ExchangeLb.Clustering;

/// <summary>How moves of one VIP's sessions from this node went. Any thread.</summary>
internal sealed class MoveRecord
{
    private int _begun;
    private int _ended;
    private long _movedTotal;
    private MoveOutcome? _last;

    public bool IsMoving => Volatile.Read(ref _ended) != Volatile.Read(ref _begun);

    /// <summary>How many have begun: tells one move from the next.</summary>
    public int BegunTotal => Volatile.Read(ref _begun);

    /// <summary>Sessions that went to other nodes since this one started.</summary>
    public long MovedTotal => Interlocked.Read(ref _movedTotal);

    /// <summary>Null: none has ended yet.</summary>
    public MoveOutcome? Last => Volatile.Read(ref _last);

    /// <summary>For people: "1 connection", "7 connections".</summary>
    public static string Connections(int count) => count == 1 ? "1 connection" : $"{count} connections";

    public void Begun() => Interlocked.Increment(ref _begun);

    public void Ended(MoveOutcome outcome)
    {
        Interlocked.Add(ref _movedTotal, outcome.Moved);
        Volatile.Write(ref _last, outcome);
        Interlocked.Increment(ref _ended);
    }
}
