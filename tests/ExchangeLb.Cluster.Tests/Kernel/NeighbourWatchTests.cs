using System;
using System.Linq;
using ExchangeLb.Cluster.Kernel;
using Xunit;

namespace ExchangeLb.Cluster.Tests.Kernel;

public sealed class NeighbourWatchTests
{
    private readonly NeighbourWatch _watch = new();
    private TimeSpan _now = TimeSpan.FromHours(5);

    [Fact]
    public void The_first_answer_reaches_a_neighbour()
    {
        Assert.False(_watch.Reached);

        Ask(answered: true);

        Assert.True(_watch.Reached);
    }

    [Theory]
    [InlineData("+", true)]
    [InlineData("+-", true)]
    [InlineData("+--", true)]
    [InlineData("+---", false)]
    [InlineData("+--+--", true)]
    [InlineData("+---++", false)]
    [InlineData("+---+++", true)]
    [InlineData("+---++-++", false)]
    [InlineData("---", false)]
    [InlineData("---+", true)]
    public void It_is_lost_after_three_silences_and_back_after_three_answers(string answers, bool reached)
    {
        foreach (char answer in answers) { Ask(answer == '+'); }

        Assert.Equal(reached, _watch.Reached);
    }

    [Fact]
    public void A_loss_is_seen_within_350_ms_of_the_first_unanswered_question()
    {
        Ask(answered: true);
        TimeSpan start = _now;

        while (_watch.Reached)
        {
            _now += TimeSpan.FromMilliseconds(10);
            _watch.Due(_now);
        }

        Assert.InRange((_now - start).TotalMilliseconds, 200, 350);
    }

    [Fact]
    public void While_nobody_was_asked_silence_says_nothing()
    {
        Ask(answered: true);

        _now += TimeSpan.FromMinutes(1);
        bool due = _watch.Due(_now);

        Assert.True(due);
        Assert.True(_watch.Reached);
    }

    [Fact]
    public void It_is_asked_ten_times_a_second()
    {
        int asked = Enumerable.Range(0, 1000).Count(ms => _watch.Due(_now + TimeSpan.FromMilliseconds(ms)));

        Assert.Equal(10, asked);
    }

    [Fact]
    public void An_answer_without_a_question_says_nothing()
    {
        _watch.Answered();
        Ask(answered: false);

        Assert.False(_watch.Reached);
    }

    /// <summary>One question, and its judgement when the next is due.</summary>
    private void Ask(bool answered)
    {
        _watch.Due(_now);
        if (answered) { _watch.Answered(); }
        _now += NeighbourWatch.Interval;
        _watch.Due(_now);
    }
}
