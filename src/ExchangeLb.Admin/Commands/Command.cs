using System;
using System.Collections.Immutable;
using System.Threading.Tasks;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Admin.Commands;

/// <summary>One row of <see cref="CommandTable"/>.</summary>
/// <param name="Keyword">The words by which it is called: "show stat".</param>
/// <param name="Level">What a connection must be allowed to do.</param>
/// <param name="Arguments">As the help shows them.</param>
/// <param name="Summary">What it does, as the help shows it.</param>
/// <param name="Run">Writes the answer. It need not end with a line break.</param>
internal sealed record Command(
    string Keyword, RuntimeLevel Level, string Arguments, string Summary, Func<CommandCall, ValueTask> Run)
{
    public ImmutableArray<string> Words { get; } = [.. Keyword.Split(' ')];

    /// <summary>The given words begin with this command's.</summary>
    public bool Matches(ImmutableArray<string> given) =>
        given.Length >= Words.Length && given.AsSpan()[..Words.Length].SequenceEqual(Words.AsSpan());

    /// <summary>For commands that answer in one go.</summary>
    public static Func<CommandCall, ValueTask> Answer(Action<CommandCall> run) => call =>
    {
        run(call);
        return ValueTask.CompletedTask;
    };
}
