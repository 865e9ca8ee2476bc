using ExchangeLb.Linux.Repair;
using Xunit;

namespace ExchangeLb.Linux.Tests.Repair;

/// <summary>What tcp_repair_set_window (net/ipv4/tcp.c) refuses: max_window below snd_wnd, snd_wl1 behind the window, rcv_wup behind rcv_nxt.</summary>
public sealed class RepairWindowTests
{
    [Theory]
    [InlineData(1000, 1000, 1000)]
    [InlineData(900, 1000, 900)]
    [InlineData(5000, 1000, 1000)]
    [InlineData(10, 4_294_967_290, 4_294_967_290)]
    [InlineData(4_294_967_290, 10, 4_294_967_290)]
    public void The_last_update_is_no_younger_than_what_was_received(uint updatedAt, uint receiveNext, uint fitting) =>
        Assert.Equal(fitting, new RepairWindow(updatedAt, 100, 100, 0, receiveNext).Fitting(receiveNext).SendUpdatedAt);

    [Theory]
    [InlineData(1100, 1000, 1000)]
    [InlineData(900, 1000, 900)]
    public void What_was_promised_was_so_before_what_comes_next(uint updatedAt, uint receiveNext, uint fitting) =>
        Assert.Equal(fitting, new RepairWindow(0, 100, 100, 500, updatedAt).Fitting(receiveNext).ReceiveUpdatedAt);

    [Fact]
    public void The_largest_window_is_no_smaller_than_the_present_one() =>
        Assert.Equal(200u, new RepairWindow(0, 200, 100, 0, 0).Fitting(0).LargestSend);

    [Theory]
    [InlineData(1000, 500, 1000, 500)]
    [InlineData(1000, 500, 1500, 0)]
    [InlineData(1000, 500, 1501, 0)]        // a FIN beyond a closed window, or more than was promised
    [InlineData(4_294_967_000, 500, 100, 104)]
    public void What_may_still_come_is_never_less_than_nothing(uint updatedAt, uint window, uint receiveNext, uint promised) =>
        Assert.Equal(promised, new RepairWindow(0, 0, 0, window, updatedAt).Promised(receiveNext));
}
