using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Admin.Commands;
using FsCheck.Xunit;
using Xunit;

namespace ExchangeLb.Admin.Tests.Commands;

public class CommandLineTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("show info", "show|info")]
    [InlineData("  show\t info \r", "show|info")]
    [InlineData("show info;show stat", "show|info;show|stat")]
    [InlineData("show info;", "show|info")]
    [InlineData(";show info", ";show|info")]
    [InlineData(@"get weight a\ b/c\;d", "get|weight|a b/c;d")]
    [InlineData(@"a\\b\", @"a\b\")]
    public void A_line_is_commands_and_words(string line, string expected)
    {
        string split = string.Join(';', CommandLine.Split(line).Select(words => string.Join('|', words)));

        Assert.Equal(expected, split);
    }

    [Property]
    public void Any_line_is_at_least_one_command_of_bounded_length(string line)
    {
        ImmutableArray<ImmutableArray<string>> commands = CommandLine.Split(line);

        Assert.NotEmpty(commands);
        Assert.All(commands, words => Assert.InRange(words.Length, 0, CommandLimits.Words));
    }
}
