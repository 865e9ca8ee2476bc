using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using ExchangeLb.Admin.Http;
using ExchangeLb.Admin.Tests.Fakes;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Core.Text;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Admin.Tests.Http;

public sealed class StatsConnectionsTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(7);

    private readonly FakeTime _time = new();
    private readonly FakeStatsSession _session;
    private readonly StatsConnections _connections;
    private readonly SocketPair _pair = new();
    private readonly ConcurrentQueue<Diagnostic> _reported = [];

    public StatsConnectionsTests()
    {
        LoadBalancerSnapshot scene = Scene.Article(new StatsPageModel
        {
            Uri = "/",
            RequestTimeout = RequestTimeout,
            KeepAliveTimeout = KeepAliveTimeout,
        });
        _session = new FakeStatsSession(scene.Proxies[0].Model);
        _connections = new StatsConnections(() => new FakeLoadBalancer(scene), _time, _reported.Enqueue);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _connections.DisposeAsync();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public async Task A_request_is_answered_counted_and_the_connection_closed()
    {
        Take();
        _pair.Send("GET /;csv HTTP/1.0\r\n\r\n");

        string answer = await _pair.ReceiveAllAsync();
        await _session.WhenClosed;

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(ContentLength(answer), Encoding.UTF8.GetByteCount(Body(answer)));
        EndedRequest request = Assert.Single(_session.Requests);
        Assert.Equal(new EndedRequest("GET /;csv HTTP/1.0", 200, 22, Encoding.UTF8.GetByteCount(answer), false), request);
        Assert.Equal(1, _session.ClosedTimes);
    }

    [Fact]
    public async Task Requests_that_come_together_are_answered_in_order()
    {
        Take();
        _pair.Send("GET /;csv HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\nGET /;json HTTP/1.1\r\nConnection: close\r\n\r\n");

        await _pair.ReceiveAllAsync();
        await _session.WhenClosed;

        Assert.Equal([("GET /;csv HTTP/1.1", 200), ("HEAD / HTTP/1.1", 200), ("GET /;json HTTP/1.1", 501)],
            _session.Requests.Select(request => (request.Line, request.Status)));
    }

    [Fact]
    public async Task An_answer_to_HEAD_has_no_body()
    {
        Take();
        _pair.Send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");

        string answer = await _pair.ReceiveAllAsync();

        Assert.Empty(Body(answer));
        Assert.True(ContentLength(answer) > 1000);
    }

    [Fact]
    public async Task Bytes_one_by_one_make_a_request_too()
    {
        Take();
        foreach (char c in "GET /;csv HTTP/1.1\r\nConnection: close\r\n\r\n")
        {
            _pair.Send(c.ToString());
        }

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await _pair.ReceiveAllAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\nHo")]
    public async Task Who_does_not_finish_the_first_request_in_time_is_told(string begun)
    {
        Take();
        _pair.Send(begun);
        await _time.WhenTimerOf(RequestTimeout);

        _time.Advance(RequestTimeout);

        Assert.StartsWith("HTTP/1.1 408 ", await _pair.ReceiveAllAsync(), StringComparison.Ordinal);
        await _session.WhenClosed;
        Assert.True(Assert.Single(_session.Requests).Bad);
    }

    [Fact]
    public async Task Who_says_nothing_more_after_an_answer_is_left_without_a_word()
    {
        Take();
        _pair.Send("GET /;json HTTP/1.1\r\n\r\n");
        await _time.WhenTimerOf(KeepAliveTimeout);

        _time.Advance(KeepAliveTimeout);

        string answer = await _pair.ReceiveAllAsync();
        Assert.StartsWith("HTTP/1.1 501 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("408", answer, StringComparison.Ordinal);
        Assert.Single(_session.Requests);
    }

    [Fact]
    public async Task A_second_request_once_begun_has_the_time_of_a_request()
    {
        Take();
        _pair.Send("GET /;json HTTP/1.1\r\n\r\n");
        await _time.WhenTimerOf(KeepAliveTimeout);
        _pair.Send("GET / HT");
        await _time.WhenTimerOf(RequestTimeout);

        _time.Advance(RequestTimeout);

        Assert.Contains("HTTP/1.1 408 ", await _pair.ReceiveAllAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_given_up_after_its_timeout()
    {
        LoadBalancerSnapshot huge = Scene.Many(_session.Proxy.Stats);
        huge = huge with { Proxies = [.. Enumerable.Repeat(huge.Proxies[1], 2000)] };
        await using var connections = new StatsConnections(() => new FakeLoadBalancer(huge), _time);
        connections.Take(_pair.TakeServer(), _session);
        _pair.Send("GET /;csv HTTP/1.1\r\n\r\n");
        TimeSpan clientTimeout = _session.Proxy.Frontend!.ClientTimeout!.Value;
        while (!_session.WhenClosed.IsCompleted)
        {
            await Task.WhenAny(_time.WhenTimerOf(clientTimeout), _session.WhenClosed);
            _time.Advance(clientTimeout);
            await Task.Yield();
        }

        EndedRequest request = Assert.Single(_session.Requests);
        Assert.Equal(200, request.Status);
        Assert.Equal(1, _session.ClosedTimes);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "400")]
    [InlineData("\x16\x03\x01", "400")]
    public async Task What_cannot_be_read_is_refused_and_ends_the_connection(string text, string status)
    {
        Take();
        _pair.Send(text);

        string answer = await _pair.ReceiveAllAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("connection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(("<BADREQ>", true), (_session.Requests.Single().Line, _session.Requests.Single().Bad));
    }

    [Fact]
    public async Task A_body_ends_the_connection_after_the_answer_has_arrived()
    {
        Take();
        _pair.Send("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + new string('x', 20000));

        Assert.StartsWith("HTTP/1.1 405 ", await _pair.ReceiveAllAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_without_a_word_leaves_no_request()
    {
        Take();
        _pair.Client.Close();

        await _session.WhenClosed.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Empty(_session.Requests);
        Assert.Equal(1, _session.ClosedTimes);
    }

    [Fact]
    public async Task Stopping_ends_connections_that_wait()
    {
        Take();
        await _time.WhenTimerOf(RequestTimeout);

        await _connections.DisposeAsync();

        Assert.True(_session.WhenClosed.IsCompleted);
        Assert.Equal(0, _connections.OpenCount);
    }

    [Fact]
    public async Task What_comes_after_the_stop_is_closed_unanswered()
    {
        await _connections.DisposeAsync();

        Take();

        Assert.Empty(await _pair.ReceiveAllAsync());
        Assert.Equal((1, 1L), (_session.ClosedTimes, _connections.RefusedTotal));
    }

    [Fact]
    public async Task Who_asks_gets_the_page_however_many_are_connected_and_silent()
    {
        const int Idle = HttpLimits.Connections + 44;
        SocketPair[] pairs = [.. Enumerable.Range(0, Idle).Select(_ => new SocketPair())];
        FakeStatsSession[] idle = [.. pairs.Select(_ => new FakeStatsSession(_session.Proxy))];
        for (int i = 0; i < Idle; i++)
        {
            pairs[i].Send("G");
            _connections.Take(pairs[i].TakeServer(), idle[i]);
        }

        Take();
        _pair.Send("GET /;csv HTTP/1.1\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await _pair.ReceiveAllAsync(), StringComparison.Ordinal);
        await Task.WhenAll(idle.Take(45).Select(session => session.WhenClosed)).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.All(idle.Skip(45), session => Assert.Equal(0, session.ClosedTimes));
        Assert.Empty(await pairs[0].ReceiveAllAsync());
        Assert.Equal((45L, 0L), (_connections.DroppedTotal, _connections.RefusedTotal));
        Assert.Contains("256 connections", Assert.Single(_reported).Message, StringComparison.Ordinal);
        Array.ForEach(pairs, pair => pair.Dispose());
    }

    [Fact]
    public async Task A_bug_in_the_page_is_reported_and_ends_only_its_connection()
    {
        Diagnostic? reported = null;
        await using var connections = new StatsConnections(() => throw new InvalidOperationException("bug"), _time, bug => reported = bug);
        connections.Take(_pair.TakeServer(), _session);
        _pair.Send("GET / HTTP/1.1\r\n\r\n");

        await _session.WhenClosed.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Contains("bug", reported!.Message, StringComparison.Ordinal);
    }

    [Property(MaxTest = 100)]
    public bool Whatever_comes_in_whatever_pieces_ends_and_is_accounted(byte[] noise, byte place, byte cut)
    {
        byte[] bytes = Requests.Mutate(noise, place);
        using var pair = new SocketPair();
        var session = new FakeStatsSession(_session.Proxy);
        _connections.Take(pair.TakeServer(), session);
        try
        {
            foreach (byte[] piece in bytes.Chunk(1 + (cut % 40)))
            {
                pair.Client.Send(piece);
            }
            pair.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Refused already.
        }

        return session.WhenClosed.Wait(TimeSpan.FromSeconds(20)) && session.ClosedTimes == 1
            && session.Requests.All(request => request.Status is >= 200 and < 600);
    }

    private void Take() => _connections.Take(_pair.TakeServer(), _session);

    private static string Body(string answer) => answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static int ContentLength(string answer) => int.Parse(
        answer.Split("\r\n").Single(line => line.StartsWith("content-length: ", StringComparison.Ordinal))["content-length: ".Length..],
        System.Globalization.CultureInfo.InvariantCulture);
}
