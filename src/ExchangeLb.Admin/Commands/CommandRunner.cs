using System.Collections.Immutable;
using System.Threading.Tasks;

namespace ExchangeLb.Admin.Commands;

/// <summary>Runs one command: finds its row, looks whether the connection may, and ends the answer with the empty line that all have.</summary>
internal static class CommandRunner
{
    public const string Denied = "Permission denied";

    /// <param name="call">With the command's output; its arguments are set here.</param>
    public static async ValueTask RunAsync(CommandCall call, ImmutableArray<string> words)
    {
        Command? command = CommandTable.Find(words);
        if (command is null)
        {
            SessionCommands.Unknown(call, words);
        }
        else if (command.Level > call.Session.Level)
        {
            call.Say(Denied);
        }
        else
        {
            await command.Run(call with { Arguments = words[command.Words.Length..] }).ConfigureAwait(false);
        }
        if (!call.Session.Ended)
        {
            call.Output.Raw("\n"u8);
        }
    }
}
