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

    public SessionRecorderTests()
    {
        var process = new ProcessState(1000, new NoStats(), ServerSideOptions.None);
        _log = new TrafficLog(0, 1, process);
        _loop = new EventLoop(0, process, _log);
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
        Assert.Equal(12, _loop.Recorder.WakeMs() - _loop.NowMs);

        Pass(12);

        Assert.Equal(2, _loop.Recorder.EstablishedTotal);
        Assert.True(SessionRecorder.ToldWithinMs > 12);
    }

    [Fact]
    public void Where_many_sessions_come_and_end_within_some_milliseconds_nobody_is_told_of_them()
    {
        Record();
        for (int i = 0; i < 50; i++)
        {
            Session session = Relaying();
            Pass(8);
            if (session.Recording is not null) { _loop.Recorder.Ended(session); }
            _loop.Sessions.Free(session);
            Pass(12);
        }

        Assert.Equal(1, _loop.Recorder.EstablishedTotal);       // the first, which came alone
    }

    [Fact]
    public void New_sessions_go_with_whatever_is_told()
    {
        Record();
        Session first = Relaying();
        Pass(5);
        Relaying();
        Pass(3);
        Assert.Equal(1, _loop.Recorder.EstablishedTotal);

        first.RecordedQuiet = true;
        _loop.Recorder.Awake(first);
        _loop.Recorder.EndTurn();

        Assert.Equal(["1 with a server", "1 Active", "2 with a server"], _told);
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

        Assert.Equal(110, _loop.Recorder.WakeMs() - _loop.NowMs);
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

    private void Record() => _loop.Recorder.Begin(new RecordBatch(SockAddress.From(new IPEndPoint(IPAddress.Loopback, 0)).Mapped, incarnation: 1, records =>
    {
        RecordReader reader = new(records);
        while (reader.TryNext(out SessionRecord record))
        {
            ulong number = ((record.Session >> 28) & 0xFFFFFF) + 1;
            _told.Add($"{number} {(record.Kind != RecordKind.Established ? record.Kind : record.Server.Remote.Mapped == record.Client.Local.Mapped && record.Server.Remote.Port == record.Client.Local.Port ? "alone" : "with a server")}");
        }
    }));

    /// <summary>As a turn of the loop does.</summary>
    /// <returns>True: there was something to do.</returns>
    private bool Pass(int ms)
    {
        _loop.NowMs += ms;
        bool due = _loop.NowMs >= _loop.Recorder.DueMs;
        if (due) { _loop.Recorder.Tick(); }
        _loop.Recorder.EndTurn();
        return due;
    }

    private Session Waiting()
    {
        Session session = Relaying();
        (session.Stage, session.ServerFd) = (SessionStage.Queued, -1);
        return session;
    }

    private Session Relaying()
    {
        Session session = _loop.Sessions.Take();
        session.Begin((int)_connection.Handle, default, null!, _loop.NowMs, unixMs: 0);
        (session.Stage, session.ServerFd) = (SessionStage.Relaying, session.ClientFd);
        _loop.Recorder.Add(session);
        return session;
    }
}
