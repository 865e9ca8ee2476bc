using System;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Threading.Tasks;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Streams;

/// <summary>Bytes pass unchanged, whatever their number and pace, and none is lost.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, (64 * 1024) - 1)]
    [InlineData(1, 64 * 1024)]
    [InlineData(1, (64 * 1024) + 1)]
    [InlineData(1, 10_000_000)]
    [InlineData(2, 10_000_000)]
    public async Task Both_directions_at_once_bring_what_was_sent(int loops, int size)
    {
        using var server = new ScriptedServer();
        using Site site = Start(server, loops);
        using Peer client = site.Connect();
        using Peer peer = server.Accept();
        peer.Send("+");
        Assert.Equal("+", client.ReadText(1));      // both are connected: otherwise a client without a byte may be taken for one that left
        byte[] upload = RandomNumberGenerator.GetBytes(size);
        byte[] download = RandomNumberGenerator.GetBytes(size);

        Task[] sending = [Task.Run(() => SendInChunks(client, upload, seed: 1)), Task.Run(() => SendInChunks(peer, download, seed: 2))];
        Task<byte[]> arriving = Task.Run(peer.ReadToEnd);
        byte[] arrived = await Task.Run(client.ReadToEnd);
        await Task.WhenAll(sending);

        Assert.Equal(SHA256.HashData(download), SHA256.HashData(arrived));
        Assert.Equal(SHA256.HashData(upload), SHA256.HashData(await arriving));
        SessionLine line = site.Log.NextSession();
        Assert.Equal(($"{size + 1}", "--"), (line.Bytes, line.Code));
        Assert.Equal((size, size + 1), (site.Count("web", "FRONTEND", "bin"), site.Count("web", "FRONTEND", "bout")));
        Assert.Equal((size, size + 1), (site.Count("web", "s1", "bin"), site.Count("web", "s1", "bout")));
    }

    [Fact]
    public void Many_small_questions_and_answers_pass()
    {
        using var server = ScriptedServer.Echo();
        using Site site = Start(server);
        using Peer client = site.Connect();
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            byte[] question = new byte[random.Next(1, 5000)];
            random.NextBytes(question);
            client.Send(question);
            Assert.Equal(question, client.Read(question.Length));
        }
    }

    [Fact]
    public async Task A_stream_that_was_bulk_is_small_talk_again()
    {
        using var server = ScriptedServer.Echo();
        using Site site = Start(server);
        using Peer client = site.Connect();
        byte[] bulk = RandomNumberGenerator.GetBytes(8_000_000);
        Task sending = Task.Run(() => client.Send(bulk));
        Assert.Equal(SHA256.HashData(bulk), SHA256.HashData(client.Read(bulk.Length)));
        await sending.WaitAsync(Until.Patience);

        for (int i = 0; i < 100; i++)
        {
            client.Send("ping");
            Assert.Equal("ping", client.ReadText(4));
        }
        client.Finish();
        Assert.Empty(client.ReadToEnd());
        site.Log.NextSession();
        Until.True(() => site.Balancer.Snapshot().Process.PipesUsed == 0, "the pipes are given back");
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_side_that_does_not_read_holds_the_other_one_after_some_megabytes(bool upload)
    {
        using var server = new ScriptedServer();
        using Site site = Start(server);
        using Peer client = site.Connect();
        using Peer peer = server.Accept();
        (Peer fast, Peer slow) = upload ? (client, peer) : (peer, client);
        var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // 1. As much as it takes: what is on the way is in the kernel's buffers, of two connections, and in one pipe.
        long kernel = 2 * (LargestBuffer("tcp_wmem") + LargestBuffer("tcp_rmem"));
        long sent = SendUntilHeld(fast, expected, kernel * 2);
        Assert.InRange(sent, 64 * 1024, kernel + 1_000_000);
        Assert.InRange(site.Balancer.Snapshot().Process.PipesUsed, 0, 1);

        // 2. Nothing of it is lost.
        fast.Finish();
        Assert.Equal(Convert.ToHexString(expected.GetHashAndReset()), Convert.ToHexString(SHA256.HashData(slow.ReadToEnd())));
    }

    [Fact]
    public void A_client_that_sends_a_trickle_but_takes_nothing_is_timed_out()
    {
        using var server = new ScriptedServer();
        using Site site = Site.Start($"""
            listen web
                bind FRONT
                timeout client 200ms
                server s1 {server.EndPoint}
            """);
        using Peer client = Peer.Connect(site.Front, receiveBuffer: 4096);
        using Peer peer = server.Accept();
        peer.Socket.Blocking = false;
        var chunk = new byte[256 * 1024];

        Until.True(
            () =>
            {
                peer.Socket.Send(chunk, 0, chunk.Length, System.Net.Sockets.SocketFlags.None, out _);
                client.Socket.Send([1], 0, 1, System.Net.Sockets.SocketFlags.None, out _);
                return site.Log.Sessions.Count > 0;
            },
            "the session ends");

        Assert.Equal("cD", site.Log.NextSession().Code);
    }

    [Fact]
    public void What_is_on_the_way_to_a_slow_client_survives_the_reset_of_its_server()
    {
        using var server = new ScriptedServer();
        using Site site = Start(server);
        using Peer client = Peer.Connect(site.Front, receiveBuffer: 4096);
        Peer peer = server.Accept();
        byte[] bulk = RandomNumberGenerator.GetBytes(300_000);
        peer.Send(bulk);
        Until.True(() => site.Count("web", "s1", "bout") > 0, "some has been taken from the server");

        peer.Reset();

        byte[] arrived = client.ReadToEnd();
        Assert.Equal(bulk[..arrived.Length], arrived);
        SessionLine line = site.Log.NextSession();
        Assert.Equal(("SD", $"{arrived.Length}"), (line.Code, line.Bytes));
    }

    private static Site Start(ScriptedServer server, int loops = 1) => Site.Start(
        $"""
        listen web
            bind FRONT
            server s1 {server.EndPoint}
        """,
        loops);

    private static void SendInChunks(Peer peer, byte[] bytes, int seed)
    {
        var random = new Random(seed);
        for (int sent = 0; sent < bytes.Length;)
        {
            int chunk = Math.Min(bytes.Length - sent, random.Next(2) == 0 ? random.Next(1, 100) : random.Next(1, 300_000));
            peer.Send(bytes.AsSpan(sent, chunk));
            sent += chunk;
        }
        peer.Finish();
    }

    /// <summary>Minimum, default and maximum stand in the file (tcp(7)).</summary>
    private static long LargestBuffer(string name) =>
        long.Parse(File.ReadAllText($"/proc/sys/net/ipv4/{name}").Split('\t')[2], CultureInfo.InvariantCulture);

    private static long SendUntilHeld(Peer peer, IncrementalHash hash, long limit)
    {
        byte[] chunk = RandomNumberGenerator.GetBytes(256 * 1024);
        long total = 0;
        while (peer.Socket.Poll(500_000, System.Net.Sockets.SelectMode.SelectWrite) && total < limit)
        {
            peer.Socket.Blocking = false;
            int sent = peer.Socket.Send(chunk, 0, chunk.Length, System.Net.Sockets.SocketFlags.None, out _);
            peer.Socket.Blocking = true;
            hash.AppendData(chunk, 0, Math.Max(0, sent));
            total += Math.Max(0, sent);
        }
        return total;
    }
}
