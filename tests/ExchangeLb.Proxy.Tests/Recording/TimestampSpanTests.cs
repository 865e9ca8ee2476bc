using System;
using System.Net;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using ExchangeLb.Proxy.Recording;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Recording;

public class TimestampSpanTests
{
    private const uint AtRecord = 4_294_966_000;        // goes round within the test
    private static readonly ImageClock Recorded = new(TimeSpan.FromSeconds(100), 1_000_000);

    [Fact]
    public void Holds_what_the_former_owner_sent_after_the_record_until_the_takeover()
    {
        TimestampSpan span = LastWords(opened: After(900), now: After(1000));

        Assert.False(span.Holds(AtRecord));
        Assert.False(span.Holds(AtRecord + 1));     // its clock was read without its last bit
        Assert.True(span.Holds(AtRecord + 2));
        Assert.True(span.Holds(unchecked(AtRecord + 1400)));
    }

    [Fact]
    public void Does_not_hold_what_the_new_owner_sends()
    {
        TcpImage image = Image(TcpTraits.Timestamps);
        TimestampSpan span = LastWords(opened: After(900), now: After(1000));

        Assert.False(span.Holds(image.TimestampAt(After(900), TcpRestore.DefaultMargin)));
        Assert.False(span.Holds(image.TimestampAt(After(1600), TcpRestore.DefaultMargin)));
    }

    [Fact]
    public void Does_not_hold_what_was_said_long_before_the_end_as_an_answer_to_a_keepalive()
    {
        TimestampSpan span = LastWords(opened: After(60_000), now: After(60_500));

        Assert.False(span.Holds(unchecked(AtRecord + 58_000)));
        Assert.True(span.Holds(unchecked(AtRecord + 59_000)));
    }

    [Fact]
    public void Tells_nothing_where_the_sockets_were_made_long_before_the_takeover()
    {
        Assert.Null(TimestampSpan.LastWords(Image(TcpTraits.Timestamps), opened: After(900), now: After(10_000)));
    }

    [Fact]
    public void Counts_in_microseconds_where_the_connection_does()
    {
        TcpImage image = Image(TcpTraits.Timestamps | TcpTraits.MicrosecondTimestamps);
        TimestampSpan span = TimestampSpan.LastWords(image, After(900), After(1000))!.Value;

        Assert.True(span.Holds(unchecked(AtRecord + 999_000)));
        Assert.False(span.Holds(image.TimestampAt(After(900), TcpRestore.DefaultMargin)));
    }

    [Fact]
    public void A_connection_without_timestamps_has_none() => Assert.Null(TimestampSpan.LastWords(Image(TcpTraits.None), After(0), After(0)));

    private static TimestampSpan LastWords(ImageClock opened, ImageClock now) => TimestampSpan.LastWords(Image(TcpTraits.Timestamps), opened, now)!.Value;

    private static ImageClock After(int ms) => new(Recorded.Monotonic + TimeSpan.FromMilliseconds(ms), Recorded.UnixMs + ms);

    private static TcpImage Image(TcpTraits traits) => new()
    {
        Local = SockAddress.From(new IPEndPoint(IPAddress.Loopback, 443)),
        Remote = SockAddress.From(new IPEndPoint(IPAddress.Loopback, 50_000)),
        Traits = traits,
        SendUnacked = 1,
        ReceiveNext = 1,
        MaxSegment = 1460,
        SendScale = 0,
        ReceiveScale = 0,
        Window = default,
        Timestamp = AtRecord,
        TakenAt = Recorded,
        KeepAlive = default,
    };
}
