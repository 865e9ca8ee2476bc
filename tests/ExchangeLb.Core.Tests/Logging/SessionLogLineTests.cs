using System;
using System.Text;
using ExchangeLb.Core.Logging;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Tests.Balance;
using Xunit;

namespace ExchangeLb.Core.Tests.Logging;

/// <summary>Lines as HAProxy 2.6.12 logged sessions with `option tcplog`.</summary>
public sealed class SessionLogLineTests
{
    /// <summary>2026-11-22 12:40:42 UTC.</summary>
    private const long Second = 1_795_351_242_000;

    private static readonly TerminationCode NoServer = new(TerminationCause.Server, TerminationPhase.Connect);

    [Fact]
    public void A_session_that_ended_well() =>
        Assert.Equal(
            "127.0.0.1:58224 [22/Nov/2026:12:40:42.051] tcp tcp/a 1/0/0 1234 -- 1/1/0/0/0 0/0",
            Write(Facts("tcp", "a", 58_224, 51) with { QueueMs = 1, BytesToClient = 1234 }));

    [Fact]
    public void A_session_of_an_ipv6_client() =>
        Assert.Equal(
            "::1:60490 [22/Nov/2026:12:40:43.261] v6 v6/a 1/0/0 1234 -- 1/1/0/0/0 0/0",
            Write(Facts("v6", "a", 60_490, 1261) with
            {
                ClientAddress = Balancing.Mapped("::1"),
                QueueMs = 1,
                BytesToClient = 1234,
            }));

    [Fact]
    public void A_session_that_was_sent_on_to_another_server() =>
        Assert.Equal(
            "127.0.0.1:37774 [22/Nov/2026:12:40:42.656] retry retry/a 1/0/0 1234 -- 1/1/0/0/+1 0/0",
            Write(Facts("retry", "a", 37_774, 656) with { QueueMs = 1, BytesToClient = 1234, Retries = 1, Redispatched = true }));

    [Fact]
    public void A_session_without_a_server() =>
        Assert.Equal(
            "127.0.0.1:47768 [22/Nov/2026:12:40:42.959] nobe nobe/<NOSRV> -1/-1/0 0 SC 1/1/0/0/0 0/0",
            Write(Facts("nobe", null, 47_768, 959) with { QueueMs = -1, ConnectMs = -1, End = NoServer }));

    [Fact]
    public void A_server_that_refused_all_attempts() =>
        Assert.Equal(
            "127.0.0.1:41276 [22/Nov/2026:12:40:42.985] px px/srv 1/-1/3005 0 SC 1/1/0/0/3 0/0",
            Write(Facts("px", "srv", 41_276, 985) with { QueueMs = 1, ConnectMs = -1, TotalMs = 3005, Retries = 3, End = NoServer }));

    [Fact]
    public void A_session_logged_as_soon_as_possible() =>
        Assert.Equal(
            "127.0.0.1:37252 [22/Nov/2026:12:40:42.505] asap asap/a 1/0/+0 +0 -- 1/1/1/1/0 0/0",
            Write(Facts("asap", "a", 37_252, 505) with { QueueMs = 1, Early = true, BackendConnections = 1, ServerConnections = 1 }));

    [Fact]
    public void A_request_for_the_stats_page() =>
        Assert.Equal(
            "127.0.0.1:37836 [22/Nov/2026:12:40:41.447] web web/<STATS> 0/0/0 50138 LR 1/1/0/0/0 0/0",
            Write(Facts("web", null, 37_836, -553) with
            {
                Server = SessionLogLine.StatsServer.ToArray(),
                BytesToClient = 50_138,
                End = new TerminationCode(TerminationCause.Local, TerminationPhase.Request),
            }));

    [Fact]
    public void Every_field_stands_in_its_place() =>
        Assert.Equal(
            "127.0.0.1:1 [22/Nov/2026:14:10:42.000] f b/s 2/3/4 5 cD 6/7/8/9/+10 11/12",
            Write(Facts("f", "s", 1, 0) with
            {
                UtcOffsetSeconds = 5400,
                Backend = "b"u8.ToArray(),
                QueueMs = 2,
                ConnectMs = 3,
                TotalMs = 4,
                BytesToClient = 5,
                End = new TerminationCode(TerminationCause.ClientTimeout, TerminationPhase.Data),
                ActiveConnections = 6,
                FrontendConnections = 7,
                BackendConnections = 8,
                ServerConnections = 9,
                Retries = 10,
                Redispatched = true,
                ServerQueue = 11,
                BackendQueue = 12,
            }));

    [Fact]
    public void A_line_that_does_not_fit_is_cut_at_any_length()
    {
        SessionLogFacts facts = Facts("frontend", "server", 58_224, 51) with { BytesToClient = long.MaxValue };
        string whole = Write(facts);

        for (int length = 0; length < whole.Length; length++)
        {
            byte[] buffer = new byte[length];
            Assert.Equal(length, SessionLogLine.Write(facts, buffer));
            Assert.Equal(whole[..length], Encoding.UTF8.GetString(buffer));
        }
    }

    [Fact]
    public void Writing_does_not_allocate()
    {
        SessionLogFacts facts = Facts("frontend", "server", 58_224, 51) with { ClientAddress = Balancing.Mapped("2001:db8::1:0:0:1") };
        byte[] buffer = new byte[1024];

        Allocation.AssertNone(() => SessionLogLine.Write(facts, buffer));
    }

    [Theory]
    [InlineData("127.0.0.1", ProxyMode.Tcp, "Connect from 127.0.0.1:51538 to 127.0.0.1:6002 (dflt/TCP)")]
    [InlineData("127.0.0.1", ProxyMode.Http, "Connect from 127.0.0.1:51538 to 127.0.0.1:6002 (dflt/HTTP)")]
    [InlineData("2001:db8::1", ProxyMode.Tcp, "Connect from 2001:db8::1:51538 to 2001:db8::1:6002 (dflt/TCP)")]
    public void A_frontend_without_tcplog_says_who_connected(string address, ProxyMode mode, string line)
    {
        UInt128 client = Balancing.Mapped(address);
        byte[] buffer = new byte[200];

        int length = ConnectLogLine.Write(client, 51_538, client, 6002, "dflt"u8, mode, buffer);

        Assert.Equal(line, Encoding.UTF8.GetString(buffer, 0, length));
    }

    private static SessionLogFacts Facts(string proxy, string? server, int port, int afterSecondMs) => new()
    {
        ClientAddress = Balancing.Mapped("127.0.0.1"),
        ClientPort = port,
        AcceptUnixMs = Second + afterSecondMs,
        Frontend = Encoding.UTF8.GetBytes(proxy),
        Backend = Encoding.UTF8.GetBytes(proxy),
        Server = server is null ? null : Encoding.UTF8.GetBytes(server),
        End = TerminationCode.Normal,
        ActiveConnections = 1,
        FrontendConnections = 1,
    };

    private static string Write(in SessionLogFacts facts)
    {
        byte[] buffer = new byte[1024];
        int length = SessionLogLine.Write(facts, buffer);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
