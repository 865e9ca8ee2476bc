using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Linux.Frames;
using ExchangeLb.Linux.Polling;
using ExchangeLb.Linux.Process;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Loops;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// The recorded sessions of one address, from their restoring until each goes on or is reset: (1) sockets for all, while the kernel lets no packet in;
/// (2) a listener for what their clients and servers send; (3) each is asked where it stands; (4) by the answers it goes on, or is reset. Before (4)
/// nobody reads or writes. Until (2) any thread may restore or drop, then one thread owns it.
/// </summary>
internal sealed class SessionsTakenOver(IPAddress address, SessionRestoring restoring)
{
    /// <summary>Sessions asked before the answers are read.</summary>
    private const int AskedAtOnce = 64;

    /// <summary>Sessions of which only both sides are asked, to reset them: they have no place among the connections, and each takes two descriptors. Of those beyond no socket is made.</summary>
    private static readonly int AskingMax = Math.Min(10_000, (int)Math.Min(int.MaxValue, DescriptorLimit.Read().Soft / 8));

    /// <summary>How often it is looked who is to be asked again, or has had his time.</summary>
    private const int LookEveryMs = 20;

    private readonly Dictionary<long, ProvedSession> _restored = [];
    private readonly Dictionary<SegmentKey, (ProvedSession Session, bool IsClient)> _asked = [];
    private readonly HashSet<long> _failed = [];

    /// <summary>Of these, those that this node has no socket of.</summary>
    private readonly HashSet<long> _lacking = [];
    private readonly byte[] _frame = new byte[TcpSegment.HeadLimit];
    private readonly List<AdoptedSession> _proven = [];
    private int _asking;
    private int _continued, _active, _stale, _unanswered, _placeless;
    private string? _lack;
    private volatile bool _calledOff;

    /// <summary>Around (1), which may take seconds.</summary>
    private readonly Lock _restoring = new();

    /// <summary>No socket is made any more: these were dropped, or it is being decided which go on.</summary>
    private bool _isOver;

    /// <summary>For want of room, descriptors or memory no socket was made of so many; this node has none of them.</summary>
    public int LackingCount => _lacking.Count;

    /// <summary>Of those that were not quiet, so many of which no side said where it stands.</summary>
    public int ActiveUnanswered { get; private set; }

    /// <summary>Makes sockets of those that have none, and closes the sockets of those of which something else is recorded by now.</summary>
    /// <param name="last">What comes later is not restored.</param>
    /// <returns>How many there are.</returns>
    public int Restore(List<StoredRecord> records, bool last = false)
    {
        lock (_restoring)
        {
            if (!_isOver) { RestoreAll(records); }
            _isOver |= last;
            return _restored.Count;
        }
    }

    private void RestoreAll(List<StoredRecord> records)
    {
        HashSet<long> wanted = [];
        foreach (StoredRecord record in records)
        {
            wanted.Add(record.Order);
        }
        foreach (ProvedSession session in new List<ProvedSession>(_restored.Values))
        {
            if (!wanted.Contains(session.Record.Order))
            {
                Remove(session);
            }
        }
        foreach (StoredRecord record in records)
        {
            if (_calledOff)
            {
                break;
            }
            if (_restored.ContainsKey(record.Order))
            {
                continue;
            }
            _failed.Remove(record.Order);
            _lacking.Remove(record.Order);
            if (ProvedSession.TryRestore(record, restoring, ImageClock.Now, _restored.Count - _asking, _asking < AskingMax, out bool lacks) is { } session)
            {
                _restored.Add(record.Order, session);
                _asking += session.Adopted is null ? 1 : 0;
                continue;
            }
            _failed.Add(record.Order);
            if (lacks) { _lacking.Add(record.Order); }
        }
        _failed.IntersectWith(wanted);
        _lacking.IntersectWith(wanted);
    }

    public void Drop()
    {
        _calledOff = true;      // who restores just now stops
        lock (_restoring)
        {
            _isOver = true;
            DropAll();
        }
    }

    private void DropAll()
    {
        foreach (ProvedSession session in _restored.Values)
        {
            session.Drop();
        }
        _restored.Clear();
        _asking = 0;
        _failed.Clear();
        _lacking.Clear();
    }

    private void Remove(ProvedSession session)
    {
        session.Drop();
        _restored.Remove(session.Record.Order);
        _asking -= session.Adopted is null ? 1 : 0;
    }

    /// <summary>The address is lost: what is not decided yet is dropped, and <see cref="Run"/> returns soon. Any thread.</summary>
    public void CallOff() => _calledOff = true;

    /// <summary>2. to 4. Returns when the last one is decided.</summary>
    /// <param name="link">Index of the device, or 0.</param>
    /// <param name="takeOverMs">When the address became this node's, in ms of the loops' clock.</param>
    public TakenOverSessions Run(int link, long takeOverMs)
    {
        using EpollSet epoll = new();
        using PacketSocket? listener = HeadsListener.TryOpen(address, link, epoll);
        List<ProvedSession> open = new(_restored.Count);
        foreach (ProvedSession session in _restored.Values)
        {
            open.Add(session);
            if (_calledOff)
            {
                continue;
            }
            Begin(session, takeOverMs);
            if (open.Count % AskedAtOnce == 0)
            {
                Hear(listener);
            }
        }
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        long lookAtMs = 0;
        while (open.Count > 0 && !_calledOff)
        {
            epoll.Wait(events, LookEveryMs);
            Hear(listener);
            if (LoopClock.NowMs() >= lookAtMs)
            {
                lookAtMs = LoopClock.NowMs() + LookEveryMs;
                open.RemoveAll(session => Decide(session));
                restoring.Run([.. _proven], static () => { });
                _proven.Clear();
            }
        }
        foreach (ProvedSession session in open)
        {
            session.Drop();
        }
        _restored.Clear();
        return new TakenOverSessions(_continued, _active, _stale, _unanswered, _failed.Count) { Placeless = _placeless, Lack = _lack };
    }

    // 3.
    private void Begin(ProvedSession session, long takeOverMs)
    {
        long nowMs = LoopClock.NowMs();
        session.BeginProof(SessionProof.EndOf(takeOverMs, nowMs), ImageClock.Now);
        if (session.ClientFd >= 0)
        {
            _asked[session.Record.Client.Key] = (session, true);
        }
        if (session.ServerFd >= 0)
        {
            _asked[session.Record.Server.Key] = (session, false);
        }
        session.AskBoth(nowMs);
    }

    private void Hear(PacketSocket? listener)
    {
        while (listener?.Receive(_frame) is { Failed: false } received)
        {
            if (received.Count > 0 && TcpSegment.TryRead(_frame.AsSpan(0, received.Count), out TcpSegment segment)
                && _asked.TryGetValue(new SegmentKey(segment.Source, segment.SourcePort, segment.DestinationPort), out (ProvedSession Session, bool IsClient) found))
            {
                (found.IsClient ? found.Session.Proof.Client : found.Session.Proof.Server).Hear(segment);
            }
        }
    }

    /// <summary>Another session may have its addresses and ports.</summary>
    private void Forget(ProvedSession session, SegmentKey key)
    {
        if (_asked.TryGetValue(key, out (ProvedSession Session, bool IsClient) found) && found.Session == session)
        {
            _asked.Remove(key);
        }
    }

    // 4.
    private bool Decide(ProvedSession session)
    {
        long nowMs = LoopClock.NowMs();
        ProofVerdict verdict = session.Proof.VerdictAt(nowMs);
        bool done = verdict == ProofVerdict.Proven || session.Advance(nowMs);
        if (!done)
        {
            return false;
        }
        _restored.Remove(session.Record.Order);
        Forget(session, session.Record.Client.Key);
        Forget(session, session.Record.Server.Key);
        switch (verdict)
        {
            case ProofVerdict.Proven:
                _continued++;
                _proven.Add(session.Adopted!);
                break;
            case ProofVerdict.Active when session.Lack is not null:
                _placeless++;
                _lack ??= session.Lack;
                break;
            case ProofVerdict.Active:
                _active++;
                ActiveUnanswered += session.IsUnanswered ? 1 : 0;
                break;
            case ProofVerdict.Stale:
                _stale++;
                break;
            default:
                _unanswered++;
                break;
        }
        return true;
    }
}
