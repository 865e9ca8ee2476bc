using System;
using System.Buffers.Binary;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Tasks;
using ExchangeLb.Cluster.Streams;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Streams;

public sealed class NodeStreamsTests : IDisposable
{
    private readonly StreamWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Two_nodes_that_know_each_other_have_one_stream_for_both_ways()
    {
        (StreamWorld.StreamNode a, StreamWorld.StreamNode b) = await PairAsync();

        Assert.True(a.Send(b, "to b"u8));
        Assert.True(b.Send(a, "to a"u8));

        Assert.Equal("to b"u8.ToArray(), await b.NextAsync());
        Assert.Equal("to a"u8.ToArray(), await a.NextAsync());
        Assert.True(a.Has(b) && b.Has(a));
        Assert.Equal((null, null), (a.Streams.ProblemWith(b.Id), b.Streams.ProblemWith(a.Id)));
    }

    [Fact]
    public async Task Messages_of_all_lengths_come_whole_and_in_order()
    {
        (StreamWorld.StreamNode a, StreamWorld.StreamNode b) = await PairAsync();
        Random random = new(7);
        byte[][] messages = [.. Enumerable.Range(0, 400).Select(i => new byte[i % 50 == 0 ? StreamConnection.MessageMaxBytes : 1 + random.Next(3000)])];
        foreach (byte[] message in messages) { random.NextBytes(message); }

        foreach (byte[] message in messages) { Assert.True(a.Send(b, message)); }

        foreach (byte[] message in messages) { Assert.Equal(message, await b.NextAsync()); }
    }

    [Fact]
    public async Task A_reader_that_waits_holds_its_sender_back_and_nothing_is_lost()
    {
        (StreamWorld.StreamNode a, StreamWorld.StreamNode b) = await PairAsync();
        b.Reads.Reset();
        int sent = 0;
        byte[] message = new byte[StreamConnection.MessageMaxBytes];
        long most = 4L * StreamConnection.WaitingMaxBytes / message.Length;
        for (; sent < most; sent++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(message, sent);
            if (!a.Send(b, message)) { break; }
        }
        Assert.InRange(sent, 1, most - 1);

        b.Reads.Set();

        for (int i = 0; i < sent; i++) { Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(await b.NextAsync())); }
        Assert.True(a.Send(b, message));
    }

    [Fact]
    public async Task Who_shows_another_certificate_than_the_engine_told_of_gets_no_stream()
    {
        (StreamWorld.StreamNode a, StreamWorld.StreamNode b) = (_world.Start(1), _world.Start(2));
        using StreamCertificate other = StreamCertificate.Create();
        a.Streams.Know(b.Id, b.AsPeer(other.Fingerprint));
        b.Streams.Know(a.Id, a.AsPeer());

        string? problem = await a.ChangeAsync();

        Assert.StartsWith($"TCP port {_world.Port} of 127.0.77.2: ", problem, StringComparison.Ordinal);
        Assert.Equal(problem, a.Streams.ProblemWith(b.Id));
        Assert.False(a.Has(b) || a.Send(b, "x"u8));
        while (b.Has(a)) { await b.ChangeAsync(); }     // its own handshake is done before it hears that the other one refuses
    }

    [Fact]
    public async Task Whom_the_engine_did_not_tell_of_gets_no_stream()
    {
        (StreamWorld.StreamNode a, StreamWorld.StreamNode b) = (_world.Start(1), _world.Start(2));
        using StreamCertificate other = StreamCertificate.Create();
        a.Streams.Know(b.Id, b.AsPeer());
        b.Streams.Know(a.Id, a.AsPeer(other.Fingerprint));

        Assert.NotNull(await a.ChangeAsync());

        Assert.False(a.Has(b) || b.Has(a));
    }

    [Fact]
    public async Task A_stream_ends_with_the_node_and_is_opened_again_when_it_is_back()
    {
        (StreamWorld.StreamNode a, StreamWorld.StreamNode b) = await PairAsync();
        Assert.False(a.Streams.IsComing(b.Id));
        b.Dispose();
        Assert.NotNull(await a.ChangeAsync());
        Assert.False(a.Streams.IsComing(b.Id));     // who has been there for long may stay without
        a.Streams.Know(b.Id, null);
        Assert.False(a.Send(b, "x"u8));

        StreamWorld.StreamNode again = _world.Start(2);
        StreamWorld.Meet(a, again);

        Assert.Null(await a.ChangeAsync());
        Assert.True(a.Send(b, "again"u8));
        Assert.Equal("again"u8.ToArray(), await again.NextAsync());
    }

    /// <summary>As behind a firewall that drops: each attempt takes longer than a stream has to last.</summary>
    [Fact]
    public async Task A_node_that_does_not_answer_is_named_however_long_each_attempt_takes()
    {
        using TcpListener silent = new(StreamWorld.AddressOf(2), _world.Port);
        silent.Start();
        StreamWorld.StreamNode a = _world.Start(1, new StreamWorld.QuickTime());

        a.Streams.Know(new(2), new StreamPeer([StreamWorld.AddressOf(2)], new string('A', 64)));

        Assert.Equal($"TCP port {_world.Port} of 127.0.77.2: no answer", await a.ChangeAsync());
        Assert.NotNull(a.Streams.ProblemWith(new(2)));
    }

    [Fact]
    public void A_stream_to_a_node_that_has_just_come_is_coming_for_three_seconds()
    {
        using TcpListener silent = new(StreamWorld.AddressOf(2), _world.Port);
        silent.Start();
        StreamWorld.SetTime time = new();
        StreamWorld.StreamNode a = _world.Start(1, time);
        Assert.False(a.Streams.IsComing(new(2)));

        a.Streams.Know(new(2), new StreamPeer([StreamWorld.AddressOf(2)], new string('A', 64)));

        time.Seconds = 2.9;
        Assert.True(a.Streams.IsComing(new(2)));
        time.Seconds = 3;
        Assert.False(a.Streams.IsComing(new(2)));
    }

    [Fact]
    public void A_release_without_streams_is_a_problem_that_is_named()
    {
        StreamWorld.StreamNode a = _world.Start(1);

        a.Streams.Know(new(2), new StreamPeer([StreamWorld.AddressOf(2)], ""));

        Assert.Equal("its release knows no streams, or it can't listen", a.Streams.ProblemWith(new(2)));
        Assert.False(a.Streams.IsComing(new(2)));
    }

    [Fact]
    public void A_port_that_another_program_has_is_named()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(StreamWorld.AddressOf(1), _world.Port));
        other.Listen();

        StreamWorld.StreamNode a = _world.Start(1);

        Assert.Equal($"TCP port {_world.Port} of 127.0.77.1: Address already in use", a.Problem);
        Assert.Equal("", a.Streams.Fingerprint);
    }

    [Fact]
    public async Task A_length_that_can_not_be_ends_the_stream_and_nothing_of_it_is_taken()
    {
        StreamWorld.StreamNode b = _world.Start(2);
        using StreamCertificate known = StreamCertificate.Create();
        b.Streams.Know(new(1), new StreamPeer([StreamWorld.AddressOf(1)], known.Fingerprint));
        using TcpClient raw = new(new IPEndPoint(StreamWorld.AddressOf(1), 0));
        await raw.ConnectAsync(StreamWorld.AddressOf(2), _world.Port);
        await using SslStream tls = new(raw.GetStream());
        await tls.AuthenticateAsClientAsync(known.AsClient(b.Streams.Fingerprint));
        Assert.Null(await b.ChangeAsync());

        await tls.WriteAsync(new byte[] { 255, 255, 255, 127, 1, 2, 3 });

        Assert.Equal($"a message of {int.MaxValue} bytes was announced, {StreamConnection.MessageMaxBytes} is the most", await b.ChangeAsync());
        Assert.Empty(b.Came);
        Assert.Equal(0, b.Streams.StreamTo(new(1)));
    }

    [Fact]
    public async Task Nobody_but_the_addresses_of_nodes_that_are_there_costs_a_place()
    {
        StreamWorld.StreamNode a = _world.Start(1);
        StreamWorld.StreamNode b = _world.Start(2, new StreamWorld.StillTime());
        Socket[] silent = [.. Enumerable.Range(0, 40).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
        try
        {
            foreach (Socket socket in silent)
            {
                socket.Bind(new IPEndPoint(StreamWorld.AddressOf(9), 0));
                await socket.ConnectAsync(StreamWorld.AddressOf(2), _world.Port);
            }

            StreamWorld.Meet(a, b);

            Assert.Null(await a.ChangeAsync());
            foreach (Socket socket in silent) { Assert.Equal(0, await ReadsEndAsync(socket)); }
        }
        finally
        {
            Array.ForEach(silent, socket => socket.Dispose());
        }
    }

    private static async Task<int> ReadsEndAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (SocketException)
        {
            return 0;   // a reset
        }
    }

    private async Task<(StreamWorld.StreamNode A, StreamWorld.StreamNode B)> PairAsync()
    {
        (StreamWorld.StreamNode a, StreamWorld.StreamNode b) = (_world.Start(1), _world.Start(2));
        StreamWorld.Meet(a, b);
        Assert.Null(await a.ChangeAsync());
        Assert.Null(await b.ChangeAsync());
        return (a, b);
    }
}
