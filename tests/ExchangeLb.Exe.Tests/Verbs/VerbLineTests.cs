using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Verbs;
using Xunit;

namespace ExchangeLb.Exe.Tests.Verbs;

public sealed class VerbLineTests
{
    private static readonly ClusterEvent[] Happened =
        [.. Enumerable.Range(0, 4).Select(second => new ClusterEvent(DateTimeOffset.UnixEpoch.AddSeconds(second), "view", $"{second}"))];

    [Fact]
    public void The_first_word_decides_for_every_verb_that_there_is() =>
        Assert.All(VerbLine.Make().Subcommands, verb => Assert.True(VerbLine.IsVerb([verb.Name, "x"]), verb.Name));

    [Theory]
    [InlineData("-f", "status")]
    [InlineData("stat")]
    [InlineData("Status")]
    public void Everything_else_is_haproxys_line(params string[] words) => Assert.False(VerbLine.IsVerb(words));

    [Theory]
    [InlineData("foo", "exchangelb: 'foo' is no verb; there are: status, switchover, standby, unstandby, reload, events, cluster-setup")]
    [InlineData("statsu", "exchangelb: 'statsu' is no verb; did you mean 'status'?")]
    public void A_word_that_is_no_verb_is_named(string word, string expected) => Assert.Equal(expected, VerbLine.Unknown(word));

    [Fact]
    public void No_words_are_haproxys_line_too() => Assert.False(VerbLine.IsVerb([]));

    [Theory]
    [InlineData("cluster standby lb1", "cluster", "standby", "lb1")]
    [InlineData(@"cluster standby a\;b\ c\\", "cluster", "standby", @"a;b c\")]
    public void A_word_stays_one_word_of_one_command(string line, params string[] words) => Assert.Equal(line, ControlSocket.Line(words));

    [Theory]
    [InlineData("done", true, "")]
    [InlineData("done: lb2 owns it", true, "lb2 owns it")]
    [InlineData("refused: no", false, "no")]
    [InlineData("Permission denied", false, "Permission denied")]
    [InlineData("done-for", false, "done-for")]
    public void An_answer_says_whether_it_was_done(string text, bool done, string message)
    {
        ControlAnswer answer = new(text, null);

        Assert.Equal((done, message), (answer.IsDone, answer.Message));
    }

    [Fact]
    public void Whoever_follows_sees_each_event_once()
    {
        ImmutableArray<ClusterEvent> events = [.. Happened];

        Assert.Equal(Happened, EventsVerb.After(null, events));
        Assert.Equal(Happened[2..], EventsVerb.After(Happened[1], events));
        Assert.Empty(EventsVerb.After(Happened[3], events));
        Assert.Equal(Happened[2..], EventsVerb.After(Happened[1], events[2..]));
    }
}
