using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Tasks;
using ExchangeLb.Loopback.Tests.Balancers;
using ExchangeLb.Loopback.Tests.Fakes;
using Xunit;

namespace ExchangeLb.Loopback.Tests.Streams;

/// <summary>Urgent data (RFC 6093) is not passed on, by HAProxy neither; but reads stop at its mark, and the stream must not.</summary>
public sealed class UrgentDataTests
{
    [Theory, InlineData(10), InlineData(100_000), InlineData(3_000_000)]
    public async Task The_stream_around_an_urgent_byte_passes(int around)
    {
        using var server = new ScriptedServer();
        using Site site = Start(server);
        using Peer client = site.Connect();
        using Peer peer = server.Accept();
        byte[] before = RandomNumberGenerator.GetBytes(around);
        byte[] after = RandomNumberGenerator.GetBytes(around);

        Task sending = Task.Run(() =>
        {
            peer.Send(before);
            peer.Socket.Send([0xFF], SocketFlags.OutOfBand);
            peer.Send(after);
            peer.Finish();
        });

        Assert.Equal(SHA256.HashData([.. before, .. after]), SHA256.HashData(client.ReadToEnd()));
        await sending;
    }

    [Fact]
    public void Urgent_bytes_again_and_again_do_not_stop_a_conversation()
    {
        using var server = new ScriptedServer();
        using Site site = Start(server);
        using Peer client = site.Connect();
        using Peer peer = server.Accept();
        for (int i = 0; i < 50; i++)
        {
            client.Send("ab");
            client.Socket.Send([(byte)'!'], SocketFlags.OutOfBand);
            client.Send("cd");
            Assert.Equal("abcd", peer.ReadText(4));
            peer.Send("ok");
            Assert.Equal("ok", client.ReadText(2));
        }
    }

    private static Site Start(ScriptedServer server) => Site.Start($"""
        listen web
            bind FRONT
            server s1 {server.EndPoint}
        """);
}
