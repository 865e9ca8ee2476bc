using System;
using ExchangeLb.Proxy.HandOver;
using ExchangeLb.Proxy.Logging;
using ExchangeLb.Proxy.Loops;
using ExchangeLb.Proxy.Recording;
using ExchangeLb.Proxy.Sessions;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

/// <summary>When a loop has to wake for its recorder. The loop is not started.</summary>
public sealed class SessionRecorderTests : IDisposable
{
    private readonly TrafficLog _log;
    private readonly EventLoop _loop;

    public SessionRecorderTests()
    {
        var process = new ProcessState(1000, new NoStats(), ServerSideOptions.None);
        _log = new TrafficLog(0, 1, process);
        _loop = new EventLoop(0, process, _log);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_new_session_wakes_the_loop_in_a_moment()
    {
        Record();
        Relaying();
        Assert.InRange(_loop.Recorder.WakeMs() - _loop.NowMs, 10, 30);
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

    private void Record() => _loop.Recorder.Begin(new RecordBatch(1, incarnation: 1, static _ => { }));

    private Session Relaying()
    {
        Session session = _loop.Sessions.Take();
        session.Stage = SessionStage.Relaying;
        _loop.Recorder.Add(session);
        return session;
    }
}
