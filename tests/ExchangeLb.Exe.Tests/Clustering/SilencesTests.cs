using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net;
using ExchangeLb.Clustering;
using ExchangeLb.Exe.Tests.EndToEnd;
using Xunit;

namespace ExchangeLb.Exe.Tests.Clustering;

public sealed class SilencesTests
{
    private static readonly IPAddress Vip = IPAddress.Parse("192.168.200.25");
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    private readonly ConcurrentQueue<string> _kernel = new();

    [Fact]
    public void The_end_of_an_earlier_one_does_not_end_a_later_one()
    {
        using Silences silences = Every(Never);
        long first = silences.Begin(Vip);
        long second = silences.Begin(Vip);

        silences.End(Vip, first);
        Assert.Equal(["begin", "begin"], _kernel);

        silences.End(Vip, second);
        silences.End(Vip, second);
        Assert.Equal(["begin", "begin", "end"], _kernel);
    }

    [Fact]
    public void It_is_renewed_until_the_work_rests()
    {
        using Silences silences = Every(TimeSpan.FromMilliseconds(5));

        long number = silences.Begin(Vip);
        Eventually.True(() => _kernel.Count >= 3, "it is renewed");
        silences.Rest(Vip, number);

        int renewed = _kernel.Count;
        silences.End(Vip);      // whoever began it
        Assert.Equal(renewed + 1, _kernel.Count);
    }

    [Fact]
    public void It_is_not_renewed_for_ever()
    {
        using Silences silences = Every(TimeSpan.FromMilliseconds(1));

        long number = silences.Begin(Vip);

        Eventually.True(() => _kernel.Count == 16, "it is renewed 15 times");
        silences.End(Vip, number);
        Assert.Equal(16, _kernel.Count(entry => entry == "begin"));
    }

    private Silences Every(TimeSpan time) => new(_ => Note("begin"), _ => Note("end"), time);

    private bool Note(string what)
    {
        _kernel.Enqueue(what);
        return true;
    }
}
