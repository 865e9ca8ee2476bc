using System;
using System.CommandLine;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ExchangeLb.Admin.Cluster;
using ExchangeLb.Core.Runtime;
using ExchangeLb.Verbs.Status;
using Spectre.Console;

namespace ExchangeLb.Verbs;

/// <summary>`exchangelb status [--watch] [--json]`: everything that a node knows of the cluster, and whether a failover would work.</summary>
internal static class StatusVerb
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>At the top: what does not fit below is cut off.</summary>
    private static Text HowToLeave => new("Drawn anew every second; Ctrl-C ends it", Styles.Quiet);

    public static Command Make(NodeOptions node)
    {
        Option<bool> watch = new("--watch", "-w") { Description = "draw it anew every second, until Ctrl-C" };
        Option<bool> json = new("--json") { Description = "for programs: all that the node knows; times are milliseconds" };
        Command verb = new("status",
            "Shows nodes, owners, links, replication, and answers: would a failover work right now? "
            + "Exit, for monitoring: 0 it would, 1 it would but there are warnings, 2 a VIP has no owner or a failover would not work, 3 the node can't be asked.")
        { watch, json };
        node.AddTo(verb);
        verb.SetAction((ParseResult line, CancellationToken stop) =>
        {
            ControlSocket socket = node.Socket(line);
            return line.GetValue(json) ? PrintJsonAsync(socket, stop)
                : line.GetValue(watch) ? WatchAsync(socket, Terminal.Open(), stop)
                : PrintAsync(socket, Terminal.Open(), stop);
        });
        return verb;
    }

    private static async Task<int> PrintAsync(ControlSocket socket, IAnsiConsole console, CancellationToken stop)
    {
        (ClusterSnapshot? cluster, _, string? problem) = await AskAsync(socket, stop).ConfigureAwait(false);
        if (cluster is null)
        {
            VerbLine.Complain("status", problem!);
            return VerbExit.NotReachable;
        }
        Terminal.Write(console, StatusView.Of(cluster));
        return (int)ClusterVerdict.Of(cluster).Health;
    }

    private static async Task<int> PrintJsonAsync(ControlSocket socket, CancellationToken stop)
    {
        (ClusterSnapshot? cluster, string text, string? problem) = await AskAsync(socket, stop).ConfigureAwait(false);
        if (cluster is null)
        {
            VerbLine.Complain("status", problem!);
            return VerbExit.NotReachable;
        }
        await Console.Out.WriteLineAsync(text).ConfigureAwait(false);
        return (int)ClusterVerdict.Of(cluster).Health;
    }

    /// <summary>A node that can't be asked meanwhile is shown as such, and asked again: it may be just what somebody waits for.</summary>
    private static async Task<int> WatchAsync(ControlSocket socket, IAnsiConsole console, CancellationToken stop)
    {
        int exit = VerbExit.NotReachable;
        try
        {
            while (true)
            {
                (ClusterSnapshot? cluster, _, string? problem) = await AskAsync(socket, stop).ConfigureAwait(false);
                exit = cluster is null ? VerbExit.NotReachable : (int)ClusterVerdict.Of(cluster).Health;
                Terminal.Redraw(console, new Rows([HowToLeave, cluster is null ? Unreachable(problem!) : StatusView.Of(cluster)]));
                await Task.Delay(WatchInterval, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return exit;
        }
    }

    private static Text Unreachable(string problem) => new($"{problem}\n", new Style(Color.Red));

    private static async Task<(ClusterSnapshot? Cluster, string Text, string? Problem)> AskAsync(ControlSocket socket, CancellationToken stop)
    {
        ControlAnswer answer = await socket.AskAsync("show cluster json", ControlSocket.QuestionPatience, stop).ConfigureAwait(false);
        return answer.Problem is { } problem ? (null, "", problem)
            : ClusterJson.Read(Encoding.UTF8.GetBytes(answer.Text)) is { } cluster ? (cluster, answer.Text, null)
            : (null, "", answer.Text.Split('\n')[0]);
    }
}
