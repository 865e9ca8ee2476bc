using System;
using System.Linq;
using System.Text;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests;

public sealed class LimitTests
{
    [Fact]
    public void A_line_beyond_the_limit_is_refused_and_the_next_one_is_read()
    {
        Reading reading = Reading.OfListen($"description {new string('x', ReaderLimits.LineLength)}", "wrong");

        Assert.Equal(["7: the line is longer than 65536 characters; shorten it", "8: listen 'a': 'wrong' is not known here; remove it, or look it up in cluster-config/keywords.md"],
            reading.Messages(Severity.Alert));
    }

    [Fact]
    public void Variables_that_grow_by_doubling_are_stopped_at_the_line_limit()
    {
        string doubling = string.Concat(Enumerable.Range(0, 40).Select(_ => " setenv A \"${A-x}${A-x}\"\n"));

        Reading reading = Reading.Of($"global\n{doubling}");

        Assert.Contains("the line is longer than 65536 characters", reading.Messages(Severity.Alert).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_can_not_put_more_than_sixteen_million_characters_into_a_configuration()
    {
        string big = new('x', 60_000);
        string uses = string.Concat(Enumerable.Range(0, 400).Select(i => $"backend b{i}\n description \"$BIG\"\n"));

        Reading reading = Reading.Of($"global\n setenv BIG {big}\n{uses}");

        Assert.Contains(reading.Messages(Severity.Alert), message => message.Contains("variables have put more than 16 million characters", StringComparison.Ordinal));
    }

    [Fact]
    public void Warnings_without_end_stop_the_reading_too()
    {
        Reading reading = Reading.Of($"global\n{string.Concat(Enumerable.Repeat(" tune.bufsize 1\n", 20_000))}");

        Assert.Equal(ReaderLimits.Messages + 1, reading.Diagnostics.Items.Count);
        Assert.Contains("enough", reading.OnlyAlert, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_servers_with_names_and_ids_are_read_in_a_moment()
    {
        Reading reading = Reading.OfListen([.. Enumerable.Range(1, 50_000).Select(i => $"server s{i} 127.0.0.1:1 id {i}")]);

        Assert.Equal(50_000, reading.OnlyProxy.Backend!.Servers.Length);
    }

    [Fact]
    public void Many_unknown_backends_are_told_of_until_there_are_errors_enough()
    {
        Reading reading = Reading.OfListen([.. Enumerable.Range(1, 20_000).Select(i => $"use_backend nowhere{i}")]);

        Assert.Equal(ReaderLimits.Alerts, reading.Diagnostics.AlertCount);
    }

    [Fact]
    public void A_file_beyond_the_limit_is_not_read_at_all()
    {
        DiagnosticList diagnostics = new();

        Assert.Null(ConfigurationReader.ReadText("big.cfg", new byte[ReaderLimits.FileBytes + 1], Reading.Hermetic, diagnostics));

        Assert.Equal("the file is larger than 16 MiB; split it", diagnostics.Items.Single().Message);
    }

    [Fact]
    public void More_listening_addresses_than_there_are_ports_are_refused()
    {
        Reading reading = Reading.OfListen("bind 127.0.0.1:1-65535", "bind 127.0.0.2:1-65535", "bind 127.0.0.3:1-65535");

        Assert.Equal(2, reading.Messages(Severity.Alert).Count(message => message.Contains("one listening address too many", StringComparison.Ordinal)));
    }

    [Fact]
    public void Reading_stops_after_fifty_errors()
    {
        StringBuilder text = new("listen a\n");
        text.Insert(text.Length, " wrong\n", 1_000);

        Reading reading = Reading.Of(text.ToString());

        Assert.Equal(ReaderLimits.Alerts + 1, reading.Diagnostics.AlertCount);
    }

    [Fact]
    public void Deeply_nested_parentheses_are_an_error_and_no_overflow_of_the_stack()
    {
        Reading reading = Reading.Of($".if {new string('(', 50_000)}1\n.endif\n");

        Assert.Contains("can't be understood", reading.OnlyAlert, StringComparison.Ordinal);
    }

    [Fact]
    public void Conditional_blocks_nest_sixteen_deep()
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat(".if 1\n", depth)) + string.Concat(Enumerable.Repeat(".endif\n", depth));

        Assert.Empty(Reading.Of(Nested(16)).Diagnostics.Items);
        Assert.Contains(Reading.Of(Nested(17)).Messages(Severity.Alert), message => message.Contains("nested more than 16 deep", StringComparison.Ordinal));
    }
}
