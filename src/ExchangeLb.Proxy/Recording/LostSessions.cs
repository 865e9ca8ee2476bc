using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Sessions of an address of this node that another one had, and lost: both sides of each are asked where they stand, and reset. What this node has a socket of is its
/// own, and stays: the kernel refuses a second one. Some thousands at once; the others wait. Any thread adds, one runs.
/// </summary>
internal sealed class LostSessions(IPAddress address, SessionRestoring restoring)
{
    /// <summary>Each takes two sockets and some 200 us.</summary>
    private const int AtOnce = 2000;

    /// <summary>Some 20 MB. Of those beyond nothing is asked.</summary>
    private const int WaitingMax = RecordStore.DefaultCapacity;

    /// <summary>Who tells does it in several messages: they are asked together.</summary>
    private const int GatherMs = 50;

    private readonly UInt128 _mapped = SockAddress.From(new IPEndPoint(address, 0)).Mapped;
    private readonly object _gate = new();
    private readonly Queue<StoredRecord> _waiting = new();
    private SessionsTakenOver? _asked;
    private bool _isOver;

    /// <param name="records">Those of another address are left.</param>
    /// <returns>False: this one has ended.</returns>
    public bool TryAdd(ReadOnlySpan<byte> records)
    {
        RecordReader reader = new(records);
        lock (_gate)
        {
            while (!_isOver && reader.Address == _mapped && _waiting.Count < WaitingMax && reader.TryNext(out SessionRecord record))
            {
                if (record.Kind == RecordKind.Established && StoredRecord.Established(record, _waiting.Count, reader.Address) is { } lost)
                {
                    _waiting.Enqueue(lost);
                }
            }
            return !_isOver;
        }
    }

    /// <summary>The address is lost, or <see cref="Run"/> has ended. Any thread.</summary>
    public void CallOff()
    {
        lock (_gate)
        {
            _isOver = true;
            _asked?.CallOff();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Until none is left. Also when it fails, nothing can be added afterwards.</summary>
    public LostSessionsDone Run(int link)
    {
        try
        {
            lock (_gate)
            {
                if (!_isOver) { Monitor.Wait(_gate, GatherMs); }
            }
            LostSessionsDone done = default;
            while (Next(out List<StoredRecord> records) is { } sessions)
            {
                done += Ask(sessions, records, link);
            }
            return done;
        }
        finally
        {
            CallOff();
        }
    }

    private static LostSessionsDone Ask(SessionsTakenOver sessions, List<StoredRecord> records, int link)
    {
        try
        {
            sessions.Restore(records);
            int lacking = sessions.LackingCount;
            int asked = sessions.Run(link, LoopClock.NowMs()).Active;
            return new LostSessionsDone(asked - sessions.ActiveUnanswered, sessions.ActiveUnanswered, lacking);
        }
        finally
        {
            sessions.Drop();        // what an error left
        }
    }

    private SessionsTakenOver? Next(out List<StoredRecord> records)
    {
        records = [];
        lock (_gate)
        {
            while (records.Count < AtOnce && _waiting.TryDequeue(out StoredRecord? lost))
            {
                records.Add(lost with { Order = records.Count });
            }
            _isOver |= records.Count == 0;
            return _asked = _isOver ? null : new SessionsTakenOver(address, restoring);
        }
    }
}
