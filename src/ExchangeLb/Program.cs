using System;
using ExchangeLb;
using ExchangeLb.Clustering.Guarding;
using ExchangeLb.CommandLine;
using ExchangeLb.Messages;
using ExchangeLb.Verbs;

if (VerbLine.IsVerb(args))
{
    return VerbLine.RunAsync(args).GetAwaiter().GetResult();
}
StartMessages messages = new(() => Console.Error, () => Console.Out, Environment.ProcessId);
if (args.Length > 0 && args[0] == GuardCommand.Verb)
{
    return GuardCommand.Run(args.AsSpan(1), messages);
}
switch (CommandLineReader.Read(args))
{
    case CommandLineOutcome.Start start:
        return new Startup(start.Options, messages).Run();
    case CommandLineOutcome.ShowVersion version:
        Console.Out.Write(version.Details ? VersionText.Long : VersionText.Short);
        return ExitCode.Success;
    case CommandLineOutcome.Refuse refusal:
        messages.Alert(refusal.Message);
        return ExitCode.Failure;
    case CommandLineOutcome.ShowHelp:
        Console.Out.Write(Usage.Text);
        return ExitCode.Success;
    case CommandLineOutcome.ShowUsage { Word: { } word } when !word.StartsWith('-'):
        Console.Error.WriteLine(VerbLine.Unknown(word));
        return ExitCode.Failure;
    case CommandLineOutcome.ShowUsage { Word: { } flag }:
        Console.Out.Write(VersionText.Short);
        Console.Error.Write(Usage.Text);
        Console.Error.WriteLine($"exchangelb: '{flag}' is not known here");
        return ExitCode.Failure;
    default:
        Console.Out.Write(VersionText.Short);
        Console.Error.Write(Usage.Text);
        return ExitCode.Failure;
}
