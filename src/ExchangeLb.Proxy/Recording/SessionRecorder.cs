using System;
using System.Buffers;
using System.Collections.Generic;
using System.Diagnostics;
using ExchangeLb.Linux.Calls;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Sessions;

namespace ExchangeLb.Proxy.Recording;

/// <summary>
/// Tells a peer of this loop's sessions: (1) the addresses of a new one, connected to a server or not: where few come as soon as it is 3 ms old, otherwise once
/// one is 18 ms old, and then of all of 3 ms, so that one that ends at once costs nothing; (2) its image when both sides have been quiet for 50 ms; (3) that it is quiet no more, in the
/// same turn or with the next message, and then (2) again; (4) that it has ended. A session that is quiet is in no list: it costs one test when something happens in it. What is due waits
/// a little for a turn that the loop makes anyway, and for what other loops have to tell (<see cref="SharedRecords"/>). One instance a loop; owner: its thread.
/// </summary>
internal sealed class SessionRecorder(EventLoop loop)
{
    /// <summary>Images told in a second: 1000 take some 1.5 % of a core. What is beyond has its turn later.</summary>
    public const int PerSecond = 1000;

    /// <summary>Addresses told in a second, in messages of hundreds where there are so many: 37 bytes and some microseconds each. What is beyond has its turn later.</summary>
    public const int NewPerSecond = 20_000;

    /// <summary>A session that was accepted so long ago has been told of (to whoever takes it to peers: what that may take comes on top), on a loop that gets its processor, unless there are too many (<see cref="LateTotal"/>).</summary>
    public const int ToldWithinMs = NewForMs + EarlierMs + NewPatienceMs + 1;

    /// <summary>Between two looks at what is due.</summary>
    private const int TickMs = 10;
    private const int NewForMs = 3;

    /// <summary>
    /// A message costs the engine more than all that is in it, and most sessions that are 3 ms old end in the next few. So one is sent for a session that came alone; others
    /// wait so much longer, or until this loop tells something; and go with another loop's message when they have waited for half of it.
    /// </summary>
    private const int EarlierMs = 15;
    private const int RipeMs = EarlierMs / 2;
    private const int QuietForMs = 50;

    /// <summary>New sessions told of in one turn: others have their turn in between.</summary>
    private const int NewAtOnce = 256;

    /// <summary>The end of a session of which only addresses were told waits so long for another message: until then both of its sides would say that they know of none.</summary>
    private const int EndWaitsMs = 100;

    /// <summary>An active session is looked at so often: so its image leaves 50 to 120 ms after the last byte.</summary>
    private const int LookEveryMs = 40;

    /// <summary>So much later than it could be done the loop is woken for it. A waking costs more than most of what it is for.</summary>
    private const int PatienceMs = 10;

    /// <summary>The same for a new session.</summary>
    private const int NewPatienceMs = 2;

    private readonly Queue<Look> _fresh = new();
    private readonly Queue<Look> _active = new();
    private readonly RecordBudget _budget = new(PerSecond);
    private readonly RecordBudget _newBudget = new(NewPerSecond);
    private readonly ArrayBufferWriter<byte> _image = new(512);
    private SharedRecords[] _all = [];

    /// <summary>When the loop turns for the first of what it lets wait, and when the last of it is told; another loop may have told some.</summary>
    private long _tellMs = long.MaxValue;
    private long _lastTellMs = long.MinValue;
    private long _notBeforeMs;
    private long _newNotBeforeMs;

    /// <summary>A session that is to be looked at. Both queues are in the order of their times, since each has one delay.</summary>
    private readonly record struct Look(int Index, uint Generation, long DueMs, bool CameAlone = false);

    /// <summary>From when on <see cref="Tick"/> has something to do, in ms of the loop's clock; long.MaxValue: never.</summary>
    public long DueMs => Math.Min(NewDueMs, OthersDueMs);

    private long NewDueMs => _fresh.TryPeek(out Look first) ? Math.Max(_newNotBeforeMs, first.DueMs + (first.CameAlone ? 0 : EarlierMs)) : long.MaxValue;

    private long OthersDueMs => Math.Max(_notBeforeMs, DueOf(_active));

    // Totals; read by others.
    public long EstablishedTotal { get; private set; }
    public long SnapshotsTotal { get; private set; }
    public long AwakeningsTotal { get; private set; }
    public long LateTotal { get; private set; }
    public long FailedTotal { get; private set; }
    public TimeSpan Busy { get; private set; }

    /// <summary>Begins anew with all sessions of the address.</summary>
    public void Begin(SharedRecords records)
    {
        End(records.Address);
        _all = [.. _all, records];
        for (int i = 0; i < loop.Sessions.HighWater; i++)
        {
            if (loop.Sessions.At(i) is { Recording: null } session)
            {
                AddNew(session);
            }
        }
    }

    public void End(UInt128 address)
    {
        if (Find(address) is not { } ending)
        {
            return;
        }
        ending.Tell(loop.NowMs);
        _all = Array.FindAll(_all, records => records != ending);
        for (int i = 0; i < loop.Sessions.HighWater; i++)
        {
            if (loop.Sessions.At(i) is { } session && session.Recording == ending)
            {
                session.Recording = null;
                session.RecordedQuiet = session.RecordedOpening = false;
                loop.Held.Drop(session);        // nobody could go on with it
            }
        }
        loop.Held.SendDrops();      // these are not over, and would hang should this process end
        for (int left = _active.Count; left > 0; left--)
        {
            Look look = _active.Dequeue();
            if (loop.Sessions.Find(look.Index, look.Generation)?.Recording is not null)
            {
                _active.Enqueue(look);
            }
        }
    }

    /// <summary>It was accepted, or came from another node.</summary>
    public void Add(Session session)
    {
        if (_all.Length > 0)
        {
            AddNew(session, _all[0].CameAlone(loop.NowMs));
        }
    }

    /// <summary>Both sides are connected now.</summary>
    public void Connected(Session session)
    {
        if (session.Recording is not null)
        {
            AddNew(session);    // it was told of before, perhaps without a server; else it is in the list still
        }
    }

    /// <summary>Something happens in a session that was told to be quiet.</summary>
    public void Awake(Session session)
    {
        session.RecordedQuiet = false;
        WakeBy(session.Recording!.Active(loop.IdOf(session), loop.NowMs));
        AwakeningsTotal++;
        LookLater(session);
    }

    /// <summary>The session is over here.</summary>
    public void Ended(Session session)
    {
        long tellByMs = loop.NowMs + (session.RecordedImage ? SharedRecords.PaceMs : EndWaitsMs);
        session.Recording!.Ended(loop.IdOf(session), tellByMs);
        session.Recording = null;
        session.RecordedQuiet = false;
        WakeBy(tellByMs);
    }

    /// <summary>Sessions that are about to end here without a packet.</summary>
    public static void TellLost(IEnumerable<Session> sessions, EventLoop loop, RecordBatch batch)
    {
        foreach (Session session in sessions)
        {
            if (!TryEnds(session.ClientFd, out ConnectionEnds client))
            {
                continue;
            }
            if (TryServerEnds(session, out ConnectionEnds server))
            {
                batch.Established(loop.IdOf(session), client, server);
            }
            else
            {
                batch.Opening(loop.IdOf(session), client);
            }
        }
        batch.Tell();
    }

    /// <summary>The same of clients who wait in a listener's line: no session is theirs yet.</summary>
    /// <param name="sockets">Theirs.</param>
    public static void TellLost(IEnumerable<int> sockets, EventLoop loop, RecordBatch batch)
    {
        foreach (int socket in sockets)
        {
            if (TryEnds(socket, out ConnectionEnds client))
            {
                batch.Opening(loop.NextWaitingId(), client);
            }
        }
        batch.Tell();
    }

    /// <summary>When the loop shall turn if for nothing else: sessions that ended meanwhile are no reason to, nor is what another loop has told.</summary>
    public long WakeMs()
    {
        ForgetEnded(_fresh);
        ForgetEnded(_active);
        if (FirstTellMs() is var firstMs && firstMs > _tellMs)
        {
            _tellMs = firstMs <= _lastTellMs ? firstMs : long.MaxValue;
        }
        return Math.Min(_tellMs, Math.Min(Later(NewDueMs, NewPatienceMs), Later(OthersDueMs, PatienceMs)));

        static long Later(long dueMs, int patienceMs) => dueMs == long.MaxValue ? dueMs : dueMs + patienceMs;
    }

    /// <summary>At the end of each turn of the loop.</summary>
    public void EndTurn()
    {
        long tellMs = FirstTellMs();
        if (loop.NowMs >= tellMs)
        {
            long began = Stopwatch.GetTimestamp();
            Tell();
            Busy += Stopwatch.GetElapsedTime(began);
        }
        else if (tellMs < long.MaxValue && DueOf(_fresh) is var dueMs && dueMs < long.MaxValue && loop.NowMs >= dueMs + RipeMs)
        {
            long began = Stopwatch.GetTimestamp();
            WriteNew(RipeMs);
            Busy += Stopwatch.GetElapsedTime(began);
        }
    }

    public void Tick()
    {
        long began = Stopwatch.GetTimestamp();
        if (loop.NowMs >= NewDueMs && WriteNew(waitedMs: 0) > 0)
        {
            Tell();
        }
        if (loop.NowMs >= OthersDueMs)
        {
            MakeRecords();
        }
        Busy += Stopwatch.GetElapsedTime(began);
    }

    private void AddNew(Session session, bool cameAlone = false) => _fresh.Enqueue(new Look(session.Index, session.Generation, loop.NowMs + NewForMs, cameAlone));

    /// <param name="waitedMs">Those that have waited so long since they were old enough.</param>
    /// <returns>How many.</returns>
    private int WriteNew(int waitedMs)
    {
        int told = 0;
        while (loop.NowMs >= _newNotBeforeMs && _fresh.TryPeek(out Look look) && look.DueMs + waitedMs <= loop.NowMs)
        {
            if (told >= NewAtOnce || !LookAtNew(look, ref told))
            {
                _newNotBeforeMs = loop.NowMs + (TickMs / 2);
                break;
            }
            _fresh.Dequeue();
        }
        return told;
    }

    private void MakeRecords()
    {
        bool room = true;
        while (room && _active.TryPeek(out Look look) && look.DueMs <= loop.NowMs)
        {
            room = LookAtActive(look);
            if (room)
            {
                _active.Dequeue();
            }
        }
        _notBeforeMs = loop.NowMs + TickMs;
    }

    /// <returns>False: no more for now.</returns>
    private bool LookAtNew(in Look look, ref int told)
    {
        if (loop.Sessions.Find(look.Index, look.Generation) is not { } session || !HasNews(session)
            || !TryEnds(session.ClientFd, out ConnectionEnds client) || Find(client.Local.Mapped) is not { } records)
        {
            return true;
        }
        if (!_newBudget.TryTake(loop.NowMs))
        {
            return false;
        }
        NoteLate(look, EarlierMs + NewPatienceMs + 1);
        told++;
        EstablishedTotal += session.Recording is null ? 1 : 0;
        long tellByMs = look.DueMs + EarlierMs;
        bool isToldWhole = false;
        if (TryServerEnds(session, out ConnectionEnds server))
        {
            records.Established(loop.IdOf(session), client, server, tellByMs);
            isToldWhole = IsConnected(session);
        }
        else
        {
            records.Opening(loop.IdOf(session), client, tellByMs);
        }
        WakeBy(tellByMs);
        (session.Recording, session.RecordedOpening) = (records, !isToldWhole);
        if (isToldWhole && server.Local.Mapped == records.Address)
        {
            LookLater(session);     // else its server's side has an address of this node alone: it can be reset after a crash, not gone on with
        }
        return true;
    }

    /// <summary>Nothing was told of it, or it is connected since.</summary>
    private static bool HasNews(Session session) => session.Recording is null || (session.RecordedOpening && IsConnected(session));

    /// <summary>One that was frozen before it had a server has none then, and is connected when it has been resumed.</summary>
    private static bool IsConnected(Session session) => session is { Stage: SessionStage.Relaying or SessionStage.Frozen, ServerFd: >= 0 };

    /// <returns>False: no more for now.</returns>
    private bool LookAtActive(in Look look)
    {
        if (loop.Sessions.Find(look.Index, look.Generation) is not { Recording: { } records, RecordedQuiet: false } session)
        {
            return true;
        }
        bool quiet = session is { Stage: SessionStage.Relaying, InReadyList: false, Failure: null }
            && loop.NowMs - Math.Max(session.ClientActiveMs, session.ServerActiveMs) >= QuietForMs
            && !session.Upload.HoldsBytes && !session.Download.HoldsBytes;
        if (!quiet)
        {
            LookLater(session);
            return true;
        }
        if (!_budget.TryTake(loop.NowMs))
        {
            return false;
        }
        NoteLate(look, PatienceMs + (2 * TickMs));
        Snapshot(session, records);
        return true;
    }

    private void Snapshot(Session session, SharedRecords records)
    {
        ImageClock now = ImageClock.Now;
        DumpResult client = TcpDump.Snapshot(session.ClientFd, session.Upload.SourceEnded, now);
        DumpResult server = client.Image is null ? default : TcpDump.Snapshot(session.ServerFd, session.Download.SourceEnded, now);
        if (client.Image is { } clientImage && server.Image is { } serverImage)
        {
            _image.ResetWrittenCount();
            SessionImageCodec.Write(SessionImage.Of(session, clientImage, serverImage, loop.NowMs), now, _image);
            long tellByMs = loop.NowMs + SharedRecords.PaceMs;
            if (records.Quiet(loop.IdOf(session), _image.WrittenSpan, tellByMs))
            {
                WakeBy(tellByMs);
                session.RecordedQuiet = session.RecordedImage = true;
                SnapshotsTotal++;
                loop.Held.Quiet(session);
                return;
            }
        }
        DumpVerdict verdict = client.Image is null ? client.Verdict : server.Verdict;
        if (verdict is DumpVerdict.Busy or DumpVerdict.Changing)
        {
            LookLater(session);     // bytes are on their way after all
            return;
        }
        FailedTotal++;      // it stays active, for the peer
    }

    private void LookLater(Session session) => _active.Enqueue(new Look(session.Index, session.Generation, loop.NowMs + LookEveryMs));

    private static long DueOf(Queue<Look> looks) => looks.TryPeek(out Look next) ? next.DueMs : long.MaxValue;

    private void ForgetEnded(Queue<Look> looks)
    {
        while (looks.TryPeek(out Look next) && loop.Sessions.Find(next.Index, next.Generation) is null)
        {
            looks.Dequeue();
        }
    }

    private void NoteLate(in Look look, int patienceMs)
    {
        if (loop.NowMs - look.DueMs > patienceMs)
        {
            LateTotal++;
        }
    }

    /// <summary>The new ones go with whatever is told.</summary>
    private void Tell()
    {
        WriteNew(waitedMs: 0);
        (_tellMs, _lastTellMs) = (long.MaxValue, long.MinValue);
        foreach (SharedRecords records in _all)
        {
            records.Tell(loop.NowMs);
        }
    }

    private void WakeBy(long ms) => (_tellMs, _lastTellMs) = (Math.Min(_tellMs, ms), Math.Max(_lastTellMs, ms));

    /// <returns>When anything is to be told, by any loop; long.MaxValue: nothing waits.</returns>
    private long FirstTellMs()
    {
        long first = long.MaxValue;
        foreach (SharedRecords records in _all)
        {
            first = Math.Min(first, records.TellByMs);
        }
        return first;
    }

    private SharedRecords? Find(UInt128 address)
    {
        foreach (SharedRecords records in _all)
        {
            if (records.Address == address)
            {
                return records;
            }
        }
        return null;
    }

    /// <returns>False: it has no server yet.</returns>
    private static bool TryServerEnds(Session session, out ConnectionEnds ends)
    {
        ends = default;
        if (session.ServerFd < 0 || TryEnds(session.ServerFd, out ends))
        {
            return session.ServerFd >= 0;
        }
        // It is being connected, so it has no other side yet; but that one may know of it already.
        bool bound = TcpSocket.LocalAddress(session.ServerFd, out SockAddress local).Ok && session.Server is not null;
        ends = bound ? new ConnectionEnds(local, ServerConnect.AddressFor(session, session.Server!)) : default;
        return bound;
    }

    private static bool TryEnds(int fd, out ConnectionEnds ends)
    {
        SysResult result = TcpSocket.LocalAddress(fd, out SockAddress local);
        SockAddress remote = default;
        result = result.Ok ? TcpSocket.PeerAddress(fd, out remote) : result;
        ends = new ConnectionEnds(local, remote);
        return result.Ok;
    }
}
