using System;
using System.Net;
using System.Runtime.CompilerServices;
using ExchangeLb.Linux.Repair;
using ExchangeLb.Linux.Sockets;
using Xunit;

namespace ExchangeLb.Lab.Tests.Repair;

/// <summary>TSval must not go back: the other side would drop everything, without a word.</summary>
public sealed class TimestampTests
{
    private static readonly ImageClock Start = new(TimeSpan.FromHours(30), 1_700_000_000_000);

    [Theory]
    [InlineData(1000u, 0, 0)]
    [InlineData(1001u, 0, 0)]
    [InlineData(1000u, 1, 0)]
    [InlineData(1000u, 999, 1000)]
    [InlineData(0xFFFF_FFF0u, 100, 0)]      // and round
    [InlineData(0xFFFF_FFFFu, 0, 0)]
    public void It_is_ahead_of_what_may_have_been_sent_by_little_and_says_milliseconds(uint taken, int elapsedMs, int marginMs)
    {
        TcpImage image = Image(taken, TcpTraits.Timestamps);

        uint timestamp = image.TimestampAt(After(elapsedMs), TimeSpan.FromMilliseconds(marginMs));

        uint mayHaveBeenSent = (taken | 1) + (uint)elapsedMs;       // the kernel clears the lowest bit where it is read
        Assert.InRange(unchecked((int)(timestamp - mayHaveBeenSent)), 0, marginMs + 2);
        Assert.Equal(0u, timestamp & 1);
    }

    [Fact]
    public void In_microseconds_it_goes_on_in_microseconds()
    {
        TcpImage image = Image(5_000_001, TcpTraits.Timestamps | TcpTraits.MicrosecondTimestamps);

        uint timestamp = image.TimestampAt(After(40), TimeSpan.FromMilliseconds(1));

        Assert.InRange(timestamp, 5_041_001u, 5_041_010u);
        Assert.Equal(1u, timestamp & 1);
    }

    /// <summary>A virtual machine that was paused notices by its other clock only.</summary>
    [Fact]
    public void The_clock_that_counted_more_counts()
    {
        TimeSpan paused = Start.AgeAt(new ImageClock(Start.Monotonic + TimeSpan.FromSeconds(1), Start.UnixMs + 90_000));
        TimeSpan setBack = Start.AgeAt(new ImageClock(Start.Monotonic + TimeSpan.FromHours(36), Start.UnixMs - 90_000));
        TimeSpan setByYears = Start.AgeAt(new ImageClock(Start.Monotonic + TimeSpan.FromSeconds(1), Start.UnixMs + (5L * 365 * 86_400_000)));

        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromHours(36), TimeSpan.FromDays(10)), (paused, setBack, setByYears));
    }

    [Fact]
    public void On_the_way_to_another_host_with_other_clocks_its_age_is_kept()
    {
        TcpImage image = Image(1000, TcpTraits.Timestamps);
        ImageClock there = new(TimeSpan.FromSeconds(7), 12345);
        var bytes = new byte[TcpImageCodec.SizeOf(image)];

        TcpImageCodec.Write(image, After(5000), bytes);
        Assert.True(TcpImageCodec.TryRead(bytes, there, out TcpImage? read, out _));

        Assert.Equal(TimeSpan.FromSeconds(5), read!.TakenAt.AgeAt(there));
        Assert.InRange(read.TimestampAt(there, TimeSpan.Zero), 6001u, 6003u);
    }

    [Fact]
    public void The_windows_have_the_kernels_layout() =>
        Assert.Equal(20, Unsafe.SizeOf<RepairWindow>());        // struct tcp_repair_window: five __u32 (linux/tcp.h)

    private static ImageClock After(int ms) => new(Start.Monotonic + TimeSpan.FromMilliseconds(ms), Start.UnixMs + ms);

    private static TcpImage Image(uint timestamp, TcpTraits traits) => new()
    {
        Local = SockAddress.From(new IPEndPoint(IPAddress.Loopback, 1)),
        Remote = SockAddress.From(new IPEndPoint(IPAddress.Loopback, 2)),
        Traits = traits,
        SendUnacked = 1,
        ReceiveNext = 1,
        MaxSegment = 1460,
        SendScale = 0,
        ReceiveScale = 0,
        Window = default,
        Timestamp = timestamp,
        TakenAt = Start,
        KeepAlive = default,
    };
}
