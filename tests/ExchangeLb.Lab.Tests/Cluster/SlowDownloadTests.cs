using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.DrillClient;
using ExchangeLb.DrillClient.Streams;
using Xunit;

namespace ExchangeLb.Lab.Tests.Cluster;

/// <summary>The drills' slow reader, with a server of the test's own in the load balancer's place.</summary>
public sealed class SlowDownloadTests : IDisposable
{
    private const int Seed = 7;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly LiveStream _stream;

    public SlowDownloadTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _stream = new LiveStream(StreamKind.SlowDownload, Seed, new Options { Service = (IPEndPoint)_listener.LocalEndPoint!, Sources = [IPAddress.Loopback] });
    }

    [Fact]
    public void Every_kind_of_stream_is_told_to_the_server() =>
        Assert.All(Enum.GetValues<StreamKind>(), kind => Assert.Equal((kind, Seed), StreamWire.Read(StreamWire.Header(kind, Seed))));

    [Fact]
    public async Task A_wrong_byte_is_noticed()
    {
        using Socket server = await Opened();
        var bytes = new byte[StreamWire.SlowPortion + 1];
        StreamWire.Fill(bytes, Seed, 0);
        bytes[^1] ^= 1;

        await server.SendAsync(bytes);
        await _stream.Live(CancellationToken.None);

        Assert.Equal((StreamFate.Wrong, $"byte {StreamWire.SlowPortion} of stream {Seed} is wrong"), (_stream.Fate, _stream.Why));
    }

    [Fact]
    public async Task A_reset_ends_it()
    {
        using Socket server = await Opened();
        server.LingerState = new LingerOption(true, 0);

        server.Close();
        await _stream.Live(CancellationToken.None);

        Assert.Equal(StreamFate.Ended, _stream.Fate);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _listener.Dispose();
    }

    private async Task<Socket> Opened()
    {
        await _stream.Open();
        Socket server = await _listener.AcceptAsync();
        var header = new byte[StreamWire.HeaderBytes];
        await server.ReceiveAsync(header);
        Assert.Equal((StreamKind.SlowDownload, Seed), StreamWire.Read(header));
        return server;
    }
}
