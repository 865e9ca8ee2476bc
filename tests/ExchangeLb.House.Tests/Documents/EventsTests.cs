using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace ExchangeLb.House.Tests.Documents;

/// <summary>The table of events in the operator's guide, held against the calls in the code that write them, both ways.</summary>
public sealed partial class EventsTests
{
    private const string Guide = "cluster-config/operating.md";

    private static readonly IReadOnlyList<(string Kind, string Text)> Rows =
        [.. Row().Matches(Repository.Read(Guide).Split("<!-- events:begin -->")[1].Split("<!-- events:end -->")[0])
            .Select(match => (match.Groups["kind"].Value, match.Groups["text"].Value)).Where(row => row.Item1 is not ("kind" or "---"))];

    private static readonly string Code = string.Join('\n', Repository.FilesWith(".cs").Where(file => file.StartsWith("src/", StringComparison.Ordinal)).Select(Repository.Read));

    [Fact]
    public void Every_kind_that_the_code_writes_is_in_the_guide() =>
        Assert.Empty(Written().Select(written => written.Kind).Except(Rows.Select(row => row.Kind)));

    [Fact]
    public void Every_kind_of_the_guide_is_written_by_the_code() =>
        Assert.Empty(Rows.Select(row => row.Kind).Except(Written().Select(written => written.Kind)));

    /// <summary>Where the text stands at the call; what a variable holds is found by the next test, from the other side.</summary>
    [Fact]
    public void Every_text_that_the_code_writes_is_in_the_guide() =>
        Assert.DoesNotContain(Written().Where(written => written.Text.Length > 0),
            written => !Rows.Any(row => row.Kind == written.Kind && Fragments(row.Text).All(part => written.Text.Contains(part, StringComparison.Ordinal))));

    [Fact]
    public void Every_text_of_the_guide_is_in_the_code() =>
        Assert.DoesNotContain(Rows.SelectMany(row => Fragments(row.Text)), part => !Code.Contains(part, StringComparison.Ordinal));

    [Fact]
    public void Every_refusal_of_the_guide_is_in_the_code()
    {
        string table = Repository.Read(Guide).Split("<!-- starts:begin -->")[1].Split("<!-- starts:end -->")[0];
        string[] texts = [.. table.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2).Select(line => line.Split('|')[1])];

        Assert.True(texts.Length > 5);
        Assert.DoesNotContain(texts.SelectMany(Fragments), part => !Code.Contains(part, StringComparison.Ordinal));
    }

    /// <summary>What stands between the words that vary.</summary>
    private static IEnumerable<string> Fragments(string text) =>
        text.Split('…', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(part => part.Any(char.IsLetter));

    private static IEnumerable<(string Kind, string Text)> Written() =>
        Call().Matches(Code).Select(match => (match.Groups["kind"].Value, match.Groups["text"].Value));

    [GeneratedRegex("""^\| (?<kind>[\w-]+) \| (?<text>[^|]+?) \|""", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>A journal's Write, a Note passed on to it: the kind is a literal of one word, the text often one too.</summary>
    [GeneratedRegex("""(?:[Jj]ournal\.Write|\bNote|\bnote|\b_?write)\("(?<kind>[a-z]+)", (?:\$?"(?<text>(?:[^"\\]|\\.)*)")?""")]
    private static partial Regex Call();
}
