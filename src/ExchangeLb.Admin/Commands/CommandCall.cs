using System;
using System.Collections.Immutable;
using System.Threading.Tasks;
using ExchangeLb.Admin.Text;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Commands;

/// <summary>One command being run.</summary>
/// <param name="Arguments">The words behind the keyword.</param>
/// <param name="Session">The connection's own settings, which some commands change.</param>
/// <param name="Output">The answer so far.</param>
/// <param name="Send">Sends the answer so far and empties it.</param>
internal sealed record CommandCall(
    ImmutableArray<string> Arguments,
    ILoadBalancerRuntime Runtime,
    CommandSession Session,
    TimeProvider Time,
    Utf8Writer Output,
    Func<ValueTask> Send)
{
    /// <summary>Null: this node has none.</summary>
    public IClusterRuntime? Cluster { get; init; }

    /// <summary>The argument, or "" where there is none.</summary>
    public string Argument(int index) => index < Arguments.Length ? Arguments[index] : "";

    /// <summary>A line of the answer.</summary>
    public void Say(string line) => Output.Text(line).Raw("\n"u8);

    /// <summary>Says what there is to say of a change; success is silent.</summary>
    public void Say(CommandResult result)
    {
        if (result.Message.Length > 0)
        {
            Say(result.Message);
        }
        else if (!result.Done)
        {
            Say("The command failed.");
        }
    }

    /// <summary>To be called between the lines of an answer of any length, which so never lies in memory as a whole.</summary>
    public ValueTask SendIfLargeAsync() => Output.Length >= CommandLimits.FlushBytes ? Send() : ValueTask.CompletedTask;
}
