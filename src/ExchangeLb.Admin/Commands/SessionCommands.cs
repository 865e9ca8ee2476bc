using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Admin.Commands;

/// <summary>Commands about the connection itself, and the help.</summary>
internal static class SessionCommands
{
    private const int UsageWidth = 40;

    public static void Prompt(CommandCall call) => call.Session.Interactive = !call.Session.Interactive;

    public static void Quit(CommandCall call) => call.Session.Ended = true;

    public static void Operator(CommandCall call) => call.Session.LowerTo(RuntimeLevel.Operator);

    public static void User(CommandCall call) => call.Session.LowerTo(RuntimeLevel.User);

    public static void ShowLevel(CommandCall call) => call.Say(call.Session.Level switch
    {
        RuntimeLevel.Admin => "admin",
        RuntimeLevel.Operator => "operator",
        _ => "user",
    });

    /// <summary>Seconds when no unit is written (management.txt, 9.3).</summary>
    public static void SetTimeout(CommandCall call)
    {
        string text = call.Argument(0);
        string digits = string.Concat(text.TakeWhile(char.IsAsciiDigit));
        double secondsEach = text[digits.Length..] switch
        {
            "ms" => 0.001,
            "" or "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => 0,
        };
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count * secondsEach is <= 0 or > 86400)
        {
            call.Say("Invalid timeout value.");
            return;
        }
        call.Session.IdleTimeout = TimeSpan.FromSeconds(count * secondsEach);
    }

    public static void Help(CommandCall call)
    {
        call.Say("The following commands are valid at this level:");
        List(call, call.Arguments.IsEmpty ? CommandTable.All : Resembling(call.Arguments));
    }

    /// <summary>The answer to a line that calls nothing.</summary>
    public static void Unknown(CommandCall call, ImmutableArray<string> words)
    {
        if (CommandTable.FindRefused(words) is { } refused)
        {
            call.Say($"'{refused}' is not supported by ExchangeLb.");
            return;
        }
        ImmutableArray<Command> resembling = words.IsEmpty ? [] : Resembling(words);
        call.Say(resembling.IsEmpty
            ? "Unknown command. Please enter one of the following commands only:"
            : "Unknown command, but maybe one of the following ones is a better match:");
        List(call, resembling.IsEmpty ? CommandTable.All : resembling);
    }

    /// <summary>Commands whose words begin like the given ones; help, prompt and quit are always shown too.</summary>
    private static ImmutableArray<Command> Resembling(ImmutableArray<string> words)
    {
        for (int count = words.Length; count > 0; count--)
        {
            string start = string.Join(' ', words.Take(count));
            ImmutableArray<Command> found = [.. CommandTable.All.Where(command => command.Keyword.StartsWith(start, StringComparison.Ordinal))];
            if (!found.IsEmpty)
            {
                return found;
            }
        }
        return [];
    }

    private static void List(CommandCall call, IEnumerable<Command> commands)
    {
        var always = CommandTable.All.Where(command => command.Keyword is "help" or "prompt" or "quit");
        foreach (Command command in commands.Union(always).Where(command => command.Level <= call.Session.Level))
        {
            string usage = $"{command.Keyword} {command.Arguments}".TrimEnd();
            call.Say($"  {usage.PadRight(UsageWidth)}: {command.Summary}");
        }
    }
}
