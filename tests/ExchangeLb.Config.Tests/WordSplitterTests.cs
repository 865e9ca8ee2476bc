using System.Linq;
using ExchangeLb.Config.Lexing;
using Xunit;

namespace ExchangeLb.Config.Tests;

/// <summary>The table of configuration.txt, 2.2, and what 2.3 says of variables.</summary>
public sealed class WordSplitterTests
{
    private readonly WordSplitter _splitter = new(new VariableScope(Reading.Hermetic.Environment) { File = "a.cfg", Line = 7, Section = "e2k13" });

    [Theory]
    [InlineData("a b\tc", "a|b|c")]
    [InlineData("  a  ", "a")]
    [InlineData("", "")]
    [InlineData("# only a comment", "")]
    [InlineData("a # b", "a")]
    [InlineData("a# b", "a")]
    [InlineData("a \\# b", "a|#|b")]
    [InlineData("a\\ b", "a b")]
    [InlineData("\\\\ \\\" \\' \\$", "\\|\"|'|$")]
    [InlineData("\\x41\\x20b", "A b")]
    [InlineData("a\\tb", "a\tb")]
    [InlineData("a\\qb", "a\\qb")]
    [InlineData("\"a b\" 'c d'", "a b|c d")]
    [InlineData("a\"b\"'c'd", "abcd")]
    [InlineData("\"it's\" 'say \"x\"'", "it's|say \"x\"")]
    [InlineData("'\\x41 $PORT'", "\\x41 $PORT")]
    [InlineData("\"\" b", "|b")]
    [InlineData("a\rb c", "a")]
    [InlineData("$PORT ${PORT}", "$PORT|${PORT}")]
    [InlineData("\"$PORT\" \"x${PORT}y\"", "8443|x8443y")]
    [InlineData("\"\\$PORT\"", "$PORT")]
    [InlineData("\"${NOPE-a b}\" \"${EMPTY-x}\" \"${NOPE}\"", "a b||")]
    [InlineData("\"${WORDS}\"", "one two  three")]
    [InlineData("\"${WORDS[*]}\"", "one|two|three")]
    [InlineData("\"${.FILE}:${.LINE} ${.SECTION}\"", "a.cfg:7 e2k13")]
    public void A_line_is_cut_into_words(string line, string words)
    {
        Assert.Equal(SplitError.None, _splitter.Split(line));

        Assert.Equal(words, string.Join('|', _splitter.Words.Select(word => word.Text)));
    }

    [Theory]
    [InlineData("a \"b", SplitError.UnmatchedQuote, 3)]
    [InlineData("'a\" b", SplitError.UnmatchedQuote, 1)]
    [InlineData("\"${PORT\"", SplitError.UnmatchedBrace, 2)]
    [InlineData("\"${PORT-x\"", SplitError.UnmatchedBrace, 2)]
    [InlineData("\"$5\"", SplitError.ForbiddenVariableName, 3)]
    [InlineData("\"$\"", SplitError.ForbiddenVariableName, 3)]
    [InlineData("a \\x4", SplitError.BadHexadecimal, 3)]
    [InlineData("\"${PORT[1]}\"", SplitError.BadWordExpansion, 8)]
    public void A_line_that_cannot_be_cut_tells_where(string line, object error, int column)
    {
        Assert.Equal(error, _splitter.Split(line));

        Assert.Equal(column, _splitter.ErrorColumn);
    }

    [Fact]
    public void A_word_knows_the_column_where_it_was_written()
    {
        _splitter.Split("  a \"b c\" d");

        Assert.Equal([new Word("a", 3), new Word("b c", 5), new Word("d", 11)], _splitter.Words);
    }

    [Fact]
    public void Sixty_four_words_fit_and_one_more_does_not()
    {
        Assert.Equal(SplitError.None, _splitter.Split(string.Join(' ', Enumerable.Range(1, 64))));
        Assert.Equal(SplitError.TooManyWords, _splitter.Split(string.Join(' ', Enumerable.Range(1, 65))));
    }
}
