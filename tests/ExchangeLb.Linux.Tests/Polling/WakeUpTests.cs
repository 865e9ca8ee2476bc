using System;
using System.Diagnostics;
using ExchangeLb.Linux.Polling;
using Xunit;

namespace ExchangeLb.Linux.Tests.Polling;

public sealed class WakeUpTests
{
    [Fact]
    public void A_signal_ends_a_wait_and_clearing_takes_it_back()
    {
        using var wakeUp = new WakeUp();
        using var epoll = new EpollSet();
        Span<EpollEvent> events = stackalloc EpollEvent[4];
        Assert.True(epoll.Add(wakeUp.Fd, EpollBits.EPOLLIN, 0xFEDC_BA98_7654_3210).Ok);
        Assert.Equal(0, epoll.Wait(events, 0).Value);
        wakeUp.Signal();
        wakeUp.Signal();
        Assert.Equal(1, epoll.Wait(events, 10_000).Value);
        Assert.Equal((EpollBits.EPOLLIN, 0xFEDC_BA98_7654_3210), (events[0].Bits, events[0].Data));
        wakeUp.Clear();
        Assert.Equal(0, epoll.Wait(events, 0).Value);
    }

    [Fact]
    public void A_wait_ends_by_its_time()
    {
        using var epoll = new EpollSet();
        long started = Stopwatch.GetTimestamp();
        Assert.Equal(0, epoll.Wait(new EpollEvent[1], 30).Value);
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(29));
    }

    [Fact]
    public void What_was_changed_or_removed_is_reported_accordingly()
    {
        using var wakeUp = new WakeUp();
        using var epoll = new EpollSet();
        var events = new EpollEvent[4];
        epoll.Add(wakeUp.Fd, EpollBits.EPOLLIN, 1);
        Assert.True(epoll.Modify(wakeUp.Fd, EpollBits.EPOLLOUT, 2).Ok);
        Assert.Equal(1, epoll.Wait(events, 0).Value);
        Assert.Equal((EpollBits.EPOLLOUT, 2ul), (events[0].Bits, events[0].Data));
        Assert.True(epoll.Remove(wakeUp.Fd).Ok);
        Assert.Equal(0, epoll.Wait(events, 0).Value);
        Assert.True(epoll.Remove(wakeUp.Fd).Failed);
    }
}
