using System.Linq;
using System.Threading.Tasks;
using ExchangeLb.Proxy.Counters;
using Xunit;

namespace ExchangeLb.Proxy.Tests.Counters;

public sealed class CounterTests
{
    [Fact]
    public void A_rate_is_what_was_added_in_a_second()
    {
        var meter = new RateMeter();
        meter.Sample(100, 10_000);
        Assert.Equal(0, meter.Rate);
        meter.Sample(150, 11_000);
        Assert.Equal(50, meter.Rate);
        meter.Sample(160, 11_500);
        Assert.Equal(20, meter.Rate);
        meter.Sample(160, 12_500);
        Assert.Equal((0, 50), (meter.Rate, meter.Max));
    }

    [Fact]
    public void A_clock_that_stands_still_gives_no_rate()
    {
        var meter = new RateMeter();
        meter.Sample(1, 5);
        meter.Sample(1000, 5);
        Assert.Equal(0, meter.Rate);
    }

    [Fact]
    public void The_largest_rate_can_be_forgotten()
    {
        var meter = new RateMeter();
        meter.Sample(0, 1000);
        meter.Sample(80, 2000);
        meter.Sample(90, 3000);
        meter.ForgetMax();
        Assert.Equal(10, meter.Max);
    }

    [Fact]
    public void Means_are_plain_for_the_first_window_and_sliding_after_it()
    {
        var means = new TimeMeans();
        means.Add(1, 10, 100);
        means.Add(3, 30, 300);
        Assert.Equal((2.0, 20.0, 200.0), (means.Queue, means.Connect, means.Total));
        for (int i = 0; i < 20 * TimeMeans.Window; i++)
        {
            means.Add(7, 7, 7);
        }
        Assert.Equal(7, means.Total, 3);
        Assert.Equal((7, 30, 300), (means.MaxQueue, means.MaxConnect, means.MaxTotal));
    }

    [Fact]
    public async Task A_gauge_never_lets_more_in_than_its_limit()
    {
        var gauge = new SessionGauge();
        int[] entered = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Count(_ => gauge.TryEnter(100)))));
        Assert.Equal((100, 100, 100), (entered.Sum(), gauge.Current, gauge.Max));
        gauge.Leave();
        gauge.ForgetMax();
        Assert.True(gauge.TryEnter(100));
        Assert.False(gauge.TryEnter(100));
        Assert.Equal(100, gauge.Max);
    }

    [Fact]
    public void Totals_are_the_sum_of_the_loops_and_can_be_counted_from_a_start()
    {
        ServerSideCounters[] loops = [new() { Sessions = 1, BytesIn = 10, Retries = 3 }, new() { Sessions = 2, BytesIn = 20 }];
        ServerSideTotals start = ServerSideTotals.Of(loops);
        Assert.Equal((3, 30, 3), (start.Sessions, start.BytesIn, start.Retries));
        loops[1].Sessions++;
        Assert.Equal(1, ServerSideTotals.Of(loops).Since(start).Sessions);
    }
}
