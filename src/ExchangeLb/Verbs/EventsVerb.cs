using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Verbs;

/// <summary>`exchangelb events [-n N] [--follow]`: what happened at this node, in the host's local time, the newest last.</summary>
internal static class EventsVerb
{
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(500);

    public static Command Make(NodeOptions node)
    {
        Option<int> count = new("--lines", "-n") { Description = "how many at most", HelpName = "number", DefaultValueFactory = _ => 20 };
        count.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                result.AddError($"-n takes a whole number, not '{result.Tokens[0].Value}'");
            }
        });
        Option<bool> follow = new("--follow", "-f") { Description = "go on with what happens next, until Ctrl-C" };
        Command verb = new("events", "Shows what happened in the cluster, as this node saw it, the newest last. Exit: 0, or 3: the node can't be asked.") { count, follow };
        node.AddTo(verb);
        verb.SetAction((ParseResult line, CancellationToken stop) => RunAsync(node.Socket(line), line.GetValue(count), line.GetValue(follow), stop));
        return verb;
    }

    /// <summary>Those that came after the last one known. Where that is gone already (the journal is short, the node was restarted): the later ones.</summary>
    internal static IEnumerable<ClusterEvent> After(ClusterEvent? last, ImmutableArray<ClusterEvent> events)
    {
        int known = last is null ? -1 : events.LastIndexOf(last);
        return known >= 0 || last is null ? events.Skip(known + 1) : events.Where(happened => happened.Unix > last.Unix);
    }

    private static async Task<int> RunAsync(ControlSocket socket, int count, bool follow, CancellationToken stop)
    {
        (ImmutableArray<ClusterEvent>? events, string? problem) = await AskAsync(socket, stop).ConfigureAwait(false);
        if (events is not { } first)
        {
            VerbLine.Complain("events", problem!);
            return VerbExit.NotReachable;
        }
        ClusterEvent? last = first.LastOrDefault();
        await PrintAsync(first.TakeLast(count)).ConfigureAwait(false);
        try
        {
            while (follow)
            {
                await Task.Delay(FollowInterval, stop).ConfigureAwait(false);
                last = await FollowAsync(socket, last, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C: that is how following ends.
        }
        return VerbExit.Good;
    }

    /// <summary>A node that is restarted while it is followed is waited for; that it is away is said once.</summary>
    private static async Task<ClusterEvent?> FollowAsync(ControlSocket socket, ClusterEvent? last, CancellationToken stop)
    {
        (ImmutableArray<ClusterEvent>? events, string? problem) = await AskAsync(socket, stop).ConfigureAwait(false);
        if (events is null)
        {
            VerbLine.Complain("events", $"{problem} (waiting)");
        }
        while (events is null)
        {
            await Task.Delay(FollowInterval, stop).ConfigureAwait(false);
            (events, _) = await AskAsync(socket, stop).ConfigureAwait(false);
        }
        await PrintAsync(After(last, events.Value)).ConfigureAwait(false);
        return events.Value.LastOrDefault() ?? last;
    }

    private static async Task<(ImmutableArray<ClusterEvent>? Events, string? Problem)> AskAsync(ControlSocket socket, CancellationToken stop)
    {
        ControlAnswer answer = await socket.AskAsync("show cluster json", ControlSocket.QuestionPatience, stop).ConfigureAwait(false);
        return answer.Problem is { } problem ? (null, problem)
            : ClusterJson.Read(Encoding.UTF8.GetBytes(answer.Text)) is { } cluster ? (cluster.Events, null)
            : (null, answer.Text);
    }

    private static async Task PrintAsync(IEnumerable<ClusterEvent> events)
    {
        foreach (ClusterEvent happened in events)
        {
            await Console.Out.WriteLineAsync(
                $"{happened.Unix.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)}  {happened.Kind,-10}  {happened.Text}").ConfigureAwait(false);
        }
    }
}
