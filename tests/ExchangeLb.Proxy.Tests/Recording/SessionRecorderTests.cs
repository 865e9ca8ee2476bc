using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Logging;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Recording;
using ExchangeLb.Proxy.Sessions;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

/// <summary>When a loop has to wake for its recorder, and what it tells then. The loop is not started.</summary>
public sealed class SessionRecorderTests : IDisposable
{
    private readonly TrafficLog _log;
    private readonly EventLoop _loop;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>All sessions' only one: what matters is its addresses.</summary>
    private readonly Socket _connection = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<string> _told = [];

    private readonly ProcessState _process = new(1000, new NoStats(), ServerSideOptions.None);
    private int _messages;

    public SessionRecorderTests()
    {
        _log = new TrafficLog(0, 1, _process);
        _loop = new EventLoop(0, _process, _log);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _connection.Connect(_listener.LocalEndPoint!);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _connection.Dispose();
        _listener.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_new_session_after_a_lull_wakes_the_loop_in_a_moment_and_the_next_ones_a_little_later()
    {
        Record();
        Relaying();
        Assert.Equal(5, _loop.Recorder.WakeMs() - _loop.NowMs);
        Pass(5);
        Relaying();
        Assert.Equal(20, _loop.Recorder.WakeMs() - _loop.NowMs);

        Pass(17);
        Assert.Equal(1, _messages);
        Pass(1);

        Assert.Equal(2, _messages);
        Assert.True(SessionRecorder.ToldWithinMs > 20);     // with the patience before it is woken for that
    }

    [Fact]
    public void Where_many_sessions_come_and_end_within_some_milliseconds_nobody_is_told_of_them()
    {
        Record();
        for (int i = 0; i < 50; i++)
        {
            Session session = Relaying();
            Pass(15);
            if (session.Recording is not null) { _loop.Recorder.Ended(session); }
            _loop.Sessions.Free(session);
            Pass(5);
        }

        Assert.InRange(_loop.Recorder.EstablishedTotal, 1, 2);      // the first, which came alone, and one that went with the word that it had ended
        Assert.InRange(_messages, 2, 3);
    }

    [Fact]
    public void What_waits_after_another_loop_has_told_what_waited_before_wakes_the_loop_too()
    {
        using EventLoop other = new(1, _process, _log) { NowMs = _loop.NowMs };
        SharedRecords records = Record();
        other.Recorder.Begin(records);
        Session first = Relaying(), second = Relaying();
        Pass(20);
        Assert.Equal(1, _messages);
        _loop.Recorder.Ended(first);
        other.NowMs = records.TellByMs;
        other.Recorder.EndTurn();
        Assert.Equal(2, _messages);

        _loop.NowMs += 10;
        _loop.Recorder.Ended(second);
        _loop.Sessions.Free(first);
        _loop.Sessions.Free(second);

        Assert.Equal(100, _loop.Recorder.WakeMs() - _loop.NowMs);
        Pass(100);
        Assert.Equal(3, _messages);
        Assert.Equal(long.MaxValue, _loop.Recorder.WakeMs());
    }

    [Fact]
    public void New_sessions_go_with_whatever_is_told()
    {
        Record();
        Session first = Relaying();
        Pass(5);
        Relaying();
        Pass(8);
        Assert.Equal(1, _loop.Recorder.EstablishedTotal);

        _loop.Recorder.Ended(first);
        _loop.Sessions.Free(first);
        Pass(10);

        Assert.Equal(["1 with a server", "1 Ended", "2 with a server"], _told);
    }

    [Fact]
    public void That_a_session_is_quiet_no_more_is_told_at_once_unless_a_message_went_a_moment_ago()
    {
        Record();
        Session first = Relaying(), second = Relaying();
        Pass(20);
        Pass(30);
        _told.Clear();

        Wake(first);
        Assert.Equal(["1 Active"], _told);
        Pass(5);
        Wake(second);
        Assert.Single(_told);
        Assert.Equal(15, _loop.Recorder.WakeMs() - _loop.NowMs);
        _loop.NowMs += 15;
        _loop.Recorder.EndTurn();

        Assert.Equal(["1 Active", "2 Active"], _told);
    }

    [Fact]
    public void One_message_takes_along_what_two_loops_have_to_tell()
    {
        using EventLoop other = new(1, _process, _log) { NowMs = _loop.NowMs };
        SharedRecords records = Record();
        other.Recorder.Begin(records);
        Session first = Relaying();
        other.Sessions.Free(Relaying(other));
        Session second = Relaying(other);
        Pass(5);
        _loop.Recorder.Ended(first);
        _loop.Sessions.Free(first);

        Move(other, 11);        // half of its time has passed, and something is about to go
        Assert.NotNull(second.Recording);
        Assert.Equal(1, _messages);
        Pass(13);

        Assert.Equal(2, _messages);
        Assert.Equal(["1 with a server", "1 Ended", "1 with a server"], _told);
        Assert.Equal(long.MaxValue, records.TellByMs);
        Assert.Equal(50, other.Recorder.WakeMs() - other.NowMs);        // for a look at what goes on in it, not for what has been told
    }

    [Fact]
    public void Of_thousands_of_new_sessions_all_are_told_in_a_moment_some_hundreds_in_a_turn()
    {
        Record();
        for (int i = 0; i < 3000; i++) { Waiting(); }
        long most = 0;
        for (int ms = 0; ms < 120; ms++)
        {
            long before = _loop.Recorder.EstablishedTotal;
            Pass(1);
            most = Math.Max(most, _loop.Recorder.EstablishedTotal - before);
        }

        Assert.Equal(3000, _loop.Recorder.EstablishedTotal);
        Assert.InRange(most, 1, 256);
    }

    [Fact]
    public void More_new_sessions_than_may_be_told_in_a_second_wait_without_waking_the_loop_all_the_time_and_are_counted()
    {
        Record();
        for (int i = 0; i < 10_000; i++) { Waiting(); }
        int turns = 0;
        for (int ms = 0; ms < 200; ms++)
        {
            turns += Pass(1) ? 1 : 0;
        }

        Assert.InRange(_loop.Recorder.EstablishedTotal, 5000, 6100);        // a tenth of a second's at once
        Assert.InRange(turns, 1, 45);
        Assert.True(_loop.Recorder.LateTotal > 0);
    }

    [Fact]
    public void A_session_that_waits_for_a_server_is_told_with_its_client_alone_and_again_once_it_has_one()
    {
        Record();
        Session session = Waiting();
        Pass(5);
        (session.Stage, session.ServerFd) = (SessionStage.Relaying, session.ClientFd);
        _loop.Recorder.Connected(session);
        Pass(20);
        _loop.Recorder.Connected(session);
        Pass(20);

        Assert.Equal(["1 alone", "1 with a server"], _told);
    }

    [Fact]
    public void A_session_that_was_frozen_before_it_had_a_server_is_told_again_and_looked_at_once_it_has_one()
    {
        Record();
        Session session = Waiting();
        session.Stage = SessionStage.Frozen;
        Pass(5);
        Assert.Equal(["1 alone"], _told);

        session.Stage = SessionStage.Connecting;
        _loop.Recorder.Add(session);
        Pass(20);
        (session.Stage, session.ServerFd) = (SessionStage.Relaying, session.ClientFd);
        _loop.Recorder.Connected(session);
        Pass(20);

        Assert.Equal(["1 alone", "1 with a server"], _told);
    }

    [Fact]
    public void The_end_of_a_session_of_which_only_addresses_were_told_waits_for_another_message()
    {
        Record();
        Session session = Relaying();
        Pass(5);

        _loop.Recorder.Ended(session);
        _loop.Sessions.Free(session);

        Assert.Equal(100, _loop.Recorder.WakeMs() - _loop.NowMs);
        Pass(100);
        Assert.Equal(["1 with a server", "1 Ended"], _told);
    }

    [Fact]
    public void A_session_that_ended_at_once_wakes_nobody()
    {
        Record();
        _loop.Sessions.Free(Relaying());
        Assert.Equal(long.MaxValue, _loop.Recorder.WakeMs());
    }

    [Fact]
    public void One_that_ended_does_not_hide_one_that_lives()
    {
        Record();
        Session first = Relaying(), second = Relaying();
        _loop.Sessions.Free(first);
        Assert.True(_loop.Recorder.WakeMs() < long.MaxValue);
        _loop.Sessions.Free(second);
        Assert.Equal(long.MaxValue, _loop.Recorder.WakeMs());
    }

    [Fact]
    public void Where_nobody_is_told_nothing_is_due()
    {
        Relaying();
        Assert.Equal(long.MaxValue, _loop.Recorder.DueMs);
        Assert.Equal(long.MaxValue, _loop.Recorder.WakeMs());
    }

    private SharedRecords Record()
    {
        SharedRecords records = new(SockAddress.From(new IPEndPoint(IPAddress.Loopback, 0)).Mapped, incarnation: 1, Take);
        _loop.Recorder.Begin(records);
        return records;
    }

    private void Take(ReadOnlySpan<byte> records)
    {
        _messages++;
        RecordReader reader = new(records);
        while (reader.TryNext(out SessionRecord record))
        {
            ulong number = ((record.Session >> 28) & 0xFFFFFF) + 1;
            _told.Add($"{number} {(record.Kind != RecordKind.Established ? record.Kind : record.Server.Remote.Mapped == record.Client.Local.Mapped && record.Server.Remote.Port == record.Client.Local.Port ? "alone" : "with a server")}");
        }
    }

    private void Wake(Session session)
    {
        session.RecordedQuiet = true;
        _loop.Recorder.Awake(session);
        _loop.Recorder.EndTurn();
    }

    private bool Pass(int ms) => Move(_loop, ms);

    /// <summary>As a turn of the loop does.</summary>
    /// <returns>True: there was something to do.</returns>
    private static bool Move(EventLoop loop, int ms)
    {
        loop.NowMs += ms;
        bool due = loop.NowMs >= loop.Recorder.DueMs;
        if (due) { loop.Recorder.Tick(); }
        loop.Recorder.EndTurn();
        return due;
    }

    private Session Waiting()
    {
        Session session = Relaying();
        (session.Stage, session.ServerFd) = (SessionStage.Queued, -1);
        return session;
    }

    private Session Relaying() => Relaying(_loop);

    private Session Relaying(EventLoop loop)
    {
        Session session = loop.Sessions.Take();
        session.Begin((int)_connection.Handle, default, null!, loop.NowMs, unixMs: 0);
        (session.Stage, session.ServerFd) = (SessionStage.Relaying, session.ClientFd);
        loop.Recorder.Add(session);
        return session;
    }
}
