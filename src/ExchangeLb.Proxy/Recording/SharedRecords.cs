using System;
using System.Threading;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Records of one address on their way to a peer, from all loops: a message costs the engine and the threads on its way more than all that is in it, so one
/// takes along what all of them have to tell. Times are in ms of the loops' clock. Safe for use by several threads; what one of them tells keeps its order.
/// </summary>
internal sealed class SharedRecords(UInt128 address, ulong incarnation, TellRecords tell)
{
    /// <summary>What waits for others waits so long, and "active" so long after the last message.</summary>
    public const int PaceMs = 20;

    private readonly Lock _gate = new();
    private readonly RecordBatch _batch = new(address, incarnation, tell);
    private long _tellByMs = long.MaxValue;
    private long _activeFromMs = long.MinValue;

    public UInt128 Address => address;

    /// <summary>From then on whoever has a turn calls <see cref="Tell"/>; long.MaxValue: nothing waits. Whoever lets a record wait sees to it that there is such a turn.</summary>
    public long TellByMs => Volatile.Read(ref _tellByMs);

    public void Established(ulong session, in ConnectionEnds client, in ConnectionEnds server, long tellByMs)
    {
        lock (_gate)
        {
            _batch.Established(session, client, server);
            WaitUntil(tellByMs);
        }
    }

    /// <summary>It has no server yet.</summary>
    public void Opening(ulong session, in ConnectionEnds client, long tellByMs)
    {
        lock (_gate)
        {
            _batch.Opening(session, client);
            WaitUntil(tellByMs);
        }
    }

    /// <returns>False: too large.</returns>
    public bool Quiet(ulong session, ReadOnlySpan<byte> image, long tellByMs)
    {
        lock (_gate)
        {
            bool fits = _batch.Quiet(session, image);
            if (fits)
            {
                WaitUntil(tellByMs);
            }
            return fits;
        }
    }

    /// <summary>At once where no message went a moment ago.</summary>
    /// <returns>When it is to be told.</returns>
    public long Active(ulong session, long nowMs)
    {
        lock (_gate)
        {
            _batch.Active(session);
            long tellByMs = Math.Max(nowMs, _activeFromMs);
            WaitUntil(tellByMs);
            return tellByMs;
        }
    }

    public void Ended(ulong session, long tellByMs)
    {
        lock (_gate)
        {
            _batch.Ended(session);
            WaitUntil(tellByMs);
        }
    }

    public void Tell(long nowMs)
    {
        lock (_gate)
        {
            Volatile.Write(ref _tellByMs, long.MaxValue);
            if (!_batch.IsEmpty)
            {
                _activeFromMs = nowMs + PaceMs;
                _batch.Tell();
            }
        }
    }

    private void WaitUntil(long ms) => Volatile.Write(ref _tellByMs, Math.Min(_tellByMs, ms));
}
