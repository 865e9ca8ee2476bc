using System;
using System.Collections.Immutable;
using ExchangeLb.Core.Balance;
using ExchangeLb.Core.Model;
using ExchangeLb.Proxy.Backends;
using ExchangeLb.Proxy.Frontends;
using ExchangeLb.Proxy.Listening;
using ExchangeLb.Proxy.Sessions;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Sessions;

public sealed class SessionDeadlinesTests
{
    private const long Never = long.MaxValue;

    /// <summary>Both sides were active at 1,000; client 5 ms, server 7 ms, client-fin 2 ms, server-fin 3 ms.</summary>
    [Theory]
    [InlineData("both talk", false, false, 1005L, 1007L)]
    [InlineData("the client has finished", true, false, Never, 1003L)]
    [InlineData("the server has finished", false, true, 1002L, Never)]
    [InlineData("both have finished", true, true, Never, Never)]
    public void A_side_is_waited_for_while_it_may_speak(string when, bool clientFinished, bool serverFinished, long client, long server)
    {
        Session session = NewSession(Milliseconds(2), Milliseconds(3), null);
        session.Upload.SourceEnded = session.Upload.SinkShut = clientFinished;
        session.Download.SourceEnded = session.Download.SinkShut = serverFinished;
        Assert.Equal((when, client, server), (when, SessionDeadlines.Client(session), SessionDeadlines.Server(session)));
        Assert.Equal(Math.Min(client, server), SessionDeadlines.Next(session));
    }

    [Fact]
    public void A_side_that_is_not_read_because_the_other_is_slow_is_not_silent()
    {
        Session session = NewSession(null, null, null);
        session.Upload.Pending = new byte[1];
        session.Upload.TakenMs = 1000;
        Assert.Equal((Never, 1007L), (SessionDeadlines.Client(session), SessionDeadlines.Server(session)));
        session.Upload.Pending = null;
        session.Download.Pending = new byte[1];
        session.Download.TakenMs = 1000;
        Assert.Equal((1005L, Never), (SessionDeadlines.Client(session), SessionDeadlines.Server(session)));
    }

    [Fact]
    public void A_side_that_has_finished_is_waited_for_while_bytes_wait_to_be_taken_by_it()
    {
        Session session = NewSession(null, null, null);
        session.Upload.SourceEnded = session.Upload.SinkShut = true;
        session.Download.Pending = new byte[1];
        session.Download.TakenMs = 1000;
        Assert.Equal(1005L, SessionDeadlines.Client(session));
    }

    [Fact]
    public void A_side_that_sends_but_takes_nothing_is_silent()
    {
        Session session = NewSession(null, null, null);
        session.ClientActiveMs = 9000;
        session.Download.Pending = new byte[1];
        session.Download.TakenMs = 1000;
        Assert.Equal(1005L, SessionDeadlines.Client(session));
    }

    [Fact]
    public void A_tunnel_timeout_replaces_both_but_not_those_of_half_closed_sides()
    {
        Session session = NewSession(Milliseconds(2), null, Milliseconds(50));
        Assert.Equal((1050L, 1050L), (SessionDeadlines.Client(session), SessionDeadlines.Server(session)));
        session.Download.SourceEnded = session.Download.SinkShut = true;
        Assert.Equal(1002L, SessionDeadlines.Client(session));
    }

    [Fact]
    public void A_timeout_that_is_not_set_or_zero_is_never()
    {
        Assert.Equal(Never, SessionDeadlines.After(1, null));
        Assert.Equal(Never, SessionDeadlines.After(1, TimeSpan.Zero));
        Assert.Equal(6, SessionDeadlines.After(1, Milliseconds(5)));
    }

    private static TimeSpan Milliseconds(int ms) => TimeSpan.FromMilliseconds(ms);

    private static Session NewSession(TimeSpan? clientFin, TimeSpan? serverFin, TimeSpan? tunnel)
    {
        var frontendModel = new FrontendModel(1, "web") { ClientTimeout = Milliseconds(5), ClientFinTimeout = clientFin };
        var backendModel = new BackendModel(1, "web")
        {
            ServerTimeout = Milliseconds(7),
            ServerFinTimeout = serverFin,
            TunnelTimeout = tunnel,
            Servers = ImmutableArray<ServerModel>.Empty,
        };
        var proxy = new ProxyModel(1, "web", ProxyKind.Listen, frontendModel, backendModel, default);
        var frontend = new FrontendPlan(new FrontendState("web", ProxyMode.Tcp, 1), proxy, frontendModel, 10, 1);
        return new Session
        {
            Stage = SessionStage.Relaying,
            Listener = new Listener(frontend, new BindModel(default), new BindState(1), -1),
            Backend = new BackendState("web", 1),
            BackendModel = backendModel,
            ClientActiveMs = 1000,
            ServerActiveMs = 1000,
        };
    }
}
