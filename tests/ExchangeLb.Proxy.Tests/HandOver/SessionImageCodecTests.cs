using System;
using System.Net;
using System.Text;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.HandOver;
using Xunit;

namespace ExchangeLb.Proxy.Tests.HandOver;

public class SessionImageCodecTests
{
    private static readonly ImageClock Now = new(TimeSpan.FromSeconds(100), 1_700_000_000_000);

    [Fact]
    public void An_image_is_read_as_it_was_written()
    {
        SessionImage image = Image("Grüße vom Client", "Antwort");

        SessionImage? read = SessionImageCodec.Read(SessionImageCodec.Write(image, Now).Span, Now);

        Assert.NotNull(read);
        Assert.Equal(("e2k13", "e2k13", "exchange2"), (read.Frontend, read.Backend, read.Server));
        Assert.Equal(
            image with { Upload = read.Upload, Download = read.Download, Client = read.Client, ServerSide = read.ServerSide }, read);
        Assert.Equal(image.Upload with { Held = read.Upload.Held }, read.Upload);
        Assert.Equal(image.Upload.Held, read.Upload.Held);
        Assert.Equal(image.Download.Held, read.Download.Held);
        Assert.Equal(image.Client.Received, read.Client.Received);
        Assert.Equal(image.Client.Local.Mapped, read.Client.Local.Mapped);
        Assert.Equal(image.ServerSide!.SendUnacked, read.ServerSide!.SendUnacked);
    }

    [Fact]
    public void A_client_who_waits_to_be_let_in_has_neither_backend_nor_server()
    {
        SessionImage image = Image("Grüße", "") with { Backend = "", Server = "", ServerSide = null };

        SessionImage? read = SessionImageCodec.Read(SessionImageCodec.Write(image, Now).Span, Now);

        Assert.Equal((true, false), (read!.Waits, Image("", "").Waits));
        Assert.Equal(image.Upload.Held, read.Upload.Held);
    }

    [Fact]
    public void A_session_whose_server_has_gone_has_one_connection()
    {
        SessionImage image = Image("", "rest") with { ServerSide = null };

        SessionImage? read = SessionImageCodec.Read(SessionImageCodec.Write(image, Now).Span, Now);

        Assert.Null(read!.ServerSide);
        Assert.Equal("rest", Encoding.UTF8.GetString(read.Download.Held));
    }

    [Fact]
    public void What_is_cut_off_or_longer_is_refused_at_every_length()
    {
        byte[] whole = SessionImageCodec.Write(Image("abc", "defg"), Now).ToArray();

        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Null(SessionImageCodec.Read(whole.AsSpan(0, length), Now));
        }
        Assert.Null(SessionImageCodec.Read([.. whole, 0], Now));
    }

    [Theory]
    [InlineData(20261122)]
    public void Damage_never_throws_and_never_asks_for_more_memory_than_the_message_has(int seed)
    {
        Random random = new(seed);
        byte[] whole = SessionImageCodec.Write(Image("abc", "defg"), Now).ToArray();
        for (int run = 0; run < 20_000; run++)
        {
            byte[] damaged = [.. whole];
            for (int i = random.Next(1, 6); i > 0; i--) { damaged[random.Next(damaged.Length)] = (byte)random.Next(256); }

            SessionImage? read = SessionImageCodec.Read(damaged, Now);

            int held = read is null ? 0 : read.Upload.Held.Length + read.Download.Held.Length;
            Assert.True(held <= damaged.Length, $"run {run} of seed {seed}");
        }
    }

    [Fact]
    public void Bytes_that_wait_in_sockets_come_in_the_order_in_which_they_are_to_be_sent()
    {
        FlowImage download = new() { Received = 100, Passed = 90, Held = Encoding.UTF8.GetBytes("hand ") };
        TcpImage server = Connection("unread"), client = Connection("", "unsent ");

        Proxy.Sessions.Flow flow = download.Restore(server, client, nowMs: 5000);

        Assert.Equal("unsent hand unread", Encoding.UTF8.GetString(flow.Pending!, flow.PendingStart, flow.PendingEnd - flow.PendingStart));
        Assert.Equal(106, flow.Received);
        Assert.Equal(83, flow.Passed);
    }

    [Fact]
    public void An_end_that_waited_behind_unsent_bytes_is_written_again_and_one_that_was_sent_is_not()
    {
        FlowImage upload = new() { Traits = FlowTraits.SourceEnded | FlowTraits.SinkShut };

        Assert.False(upload.Restore(Connection(""), Connection("", "rest", TcpTraits.EndQueued), 0).SinkShut);
        Assert.True(upload.Restore(Connection(""), Connection("", "", TcpTraits.EndSent), 0).SinkShut);
    }

    [Fact]
    public void An_end_that_only_the_kernel_had_seen_is_known_to_the_session()
    {
        Proxy.Sessions.Flow flow = new FlowImage().Restore(Connection("last bytes", "", TcpTraits.PeerEnded), Connection(""), 0);

        Assert.True(flow.SourceEnded);
        Assert.False(flow.Finished);    // its last bytes are still to be passed on
    }

    private static SessionImage Image(string upload, string download) => new()
    {
        Frontend = "e2k13",
        Backend = "e2k13",
        Server = "exchange2",
        Traits = SessionTraits.Stuck | SessionTraits.NoDelaySet,
        AcceptedUnixMs = 1_700_000_000_123,
        AcceptedAgoMs = 77_000,
        ClientIdleMs = 10,
        ServerIdleMs = 20,
        QueueMs = 0,
        ConnectMs = 3,
        RetriesLeft = 3,
        Attempts = 1,
        ServerQueuePosition = 2,
        BackendQueuePosition = 4,
        Upload = new() { Traits = FlowTraits.Bulk, Received = 1000, Passed = 900, TakenAgoMs = 5, Held = Encoding.UTF8.GetBytes(upload) },
        Download = new() { Traits = FlowTraits.SourceEnded, Received = 5000, Passed = 4000, TakenAgoMs = 6, Held = Encoding.UTF8.GetBytes(download) },
        Client = Connection("unread"),
        ServerSide = Connection("", "unsent"),
    };

    private static TcpImage Connection(string received, string unsent = "", TcpTraits traits = TcpTraits.None) => new()
    {
        Local = SockAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.25"), 443)),
        Remote = SockAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 50_001)),
        Traits = traits | TcpTraits.Timestamps | TcpTraits.SelectiveAck,
        SendUnacked = 4_000_000_000,
        ReceiveNext = 17,
        MaxSegment = 1460,
        SendScale = 7,
        ReceiveScale = 9,
        Window = new RepairWindow(1, 2, 3, 4, 5),
        Timestamp = 99,
        TakenAt = Now,
        KeepAlive = default,
        Received = Encoding.UTF8.GetBytes(received),
        Unsent = Encoding.UTF8.GetBytes(unsent),
    };
}
