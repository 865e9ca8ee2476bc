namespace ExchangeLb.CommandLine;

/// <summary>What a command line asks for. Exactly one of the forms.</summary>
internal abstract record CommandLineOutcome
{
    /// <summary>Run, or with -c only check.</summary>
    internal sealed record Start(StartOptions Options) : CommandLineOutcome;

    /// <summary>-v, -vv</summary>
    internal sealed record ShowVersion(bool Details) : CommandLineOutcome;

    /// <summary>Not understood, or nothing to do: say how it is used, exit 1.</summary>
    /// <param name="Word">What was not understood; null: nothing was asked for.</param>
    internal sealed record ShowUsage(string? Word = null) : CommandLineOutcome;

    /// <summary>--help: say how it is used, exit 0.</summary>
    internal sealed record ShowHelp : CommandLineOutcome;

    /// <summary>Understood, and not possible: say why, exit 1.</summary>
    internal sealed record Refuse(string Message) : CommandLineOutcome;
}
