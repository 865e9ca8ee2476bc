namespace ExchangeLb.Core.Stick;

/// <summary>What a reload needs of a table whose size, life or server ids it changes: another one that goes on in its place.</summary>
public sealed partial class StickTable
{
    /// <summary>Versions left to the predecessor, whose last users may still write while the successor is at work already.</summary>
    private const ulong SequenceGap = 1 << 20;

    /// <summary>
    /// Goes on where <paramref name="before"/> is: same place in the cluster, later versions. The entries are brought over by
    /// <see cref="Merge"/>. To be called before anybody else knows of this table.
    /// </summary>
    public void Succeed(StickTable before)
    {
        lock (before._lock)
        {
            Writer = before.Writer;
            OwnerEpoch = before.OwnerEpoch;
            Sink = before.Sink;
            _sequence = before._sequence + SequenceGap;
            _latest = before._latest;
            _clearedUpTo = before._clearedUpTo;
        }
    }
}
