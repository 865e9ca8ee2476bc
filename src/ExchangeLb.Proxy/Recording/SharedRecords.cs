using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Records of one address on their way to a peer, from all loops: a message costs the engine and the threads on its way more than all that is in it, so one
/// takes along what all of them have to tell. Times are in ms of the loops' clock. Safe for use by several threads; what one of them tells keeps its order, and nobody
/// waits for more than a copy while another one sends.
/// </summary>
internal sealed class SharedRecords
{
    /// <summary>What waits for others waits so long, and "active" so long after the last message.</summary>
    public const int PaceMs = 20;

    /// <summary>A session that comes so long after the last one comes alone.</summary>
    private const int AloneAfterMs = 100;

    /// <summary>Loops are real-time in a move, one after the other.</summary>
    private readonly InheritingLock _gate = new();
    private readonly TellRecords _tell;
    private readonly RecordBatch _batch;

    /// <summary>Whole messages.</summary>
    private readonly Queue<byte[]> _leaving = new();
    private bool _telling;
    private long _tellByMs = long.MaxValue;
    private long _activeFromMs = long.MinValue;
    private long _lastCameMs = -AloneAfterMs;

    public SharedRecords(UInt128 address, ulong incarnation, TellRecords tell) =>
        (_tell, _batch) = (tell, new RecordBatch(address, incarnation, records => _leaving.Enqueue(records.ToArray())));

    public UInt128 Address => _batch.Address;

    /// <summary>By then whoever has a turn calls <see cref="Tell"/>; long.MaxValue: nothing waits. Whoever lets a record wait sees to it that there is such a turn.</summary>
    public long TellByMs => Volatile.Read(ref _tellByMs);

    /// <summary>A session has come, to any loop.</summary>
    /// <returns>None had in the last tenth of a second.</returns>
    public bool CameAlone(long nowMs) => nowMs - Interlocked.Exchange(ref _lastCameMs, nowMs) >= AloneAfterMs;

    public void Established(ulong session, in ConnectionEnds client, in ConnectionEnds server, long tellByMs)
    {
        using (_gate.Enter())
        {
            _batch.Established(session, client, server);
            WaitUntil(tellByMs);
        }
    }

    /// <summary>It has no server yet.</summary>
    public void Opening(ulong session, in ConnectionEnds client, long tellByMs)
    {
        using (_gate.Enter())
        {
            _batch.Opening(session, client);
            WaitUntil(tellByMs);
        }
    }

    /// <returns>False: too large.</returns>
    public bool Quiet(ulong session, ReadOnlySpan<byte> image, long tellByMs)
    {
        using (_gate.Enter())
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
        using (_gate.Enter())
        {
            _batch.Active(session);
            long tellByMs = Math.Max(nowMs, _activeFromMs);
            WaitUntil(tellByMs);
            return tellByMs;
        }
    }

    public void Ended(ulong session, long tellByMs)
    {
        using (_gate.Enter())
        {
            _batch.Ended(session);
            WaitUntil(tellByMs);
        }
    }

    public void Tell(long nowMs)
    {
        using (_gate.Enter())
        {
            Volatile.Write(ref _tellByMs, long.MaxValue);
            _batch.Tell();
            if (_leaving.Count == 0 || _telling)
            {
                return;     // who is telling goes on with it
            }
            _activeFromMs = nowMs + PaceMs;
            _telling = true;
        }
        while (TryTakeLeaving(out byte[]? records))
        {
            _tell(records);
        }
    }

    private bool TryTakeLeaving([NotNullWhen(true)] out byte[]? records)
    {
        using (_gate.Enter())
        {
            return _telling = _leaving.TryDequeue(out records);
        }
    }

    /// <summary>What has filled a message goes at the end of the turn.</summary>
    private void WaitUntil(long ms) => Volatile.Write(ref _tellByMs, _leaving.Count > 0 && !_telling ? long.MinValue : Math.Min(_tellByMs, ms));
}
