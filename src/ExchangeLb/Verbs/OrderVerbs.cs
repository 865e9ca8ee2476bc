using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Threading;

namespace ExchangeLb.Verbs;

/// <summary>Verbs that change something: one command to the node, one answer back, exit 0 when it was done.</summary>
internal static class OrderVerbs
{
    private const string Exits = "Exit: 0 done, 1 refused, 3 the node can't be asked.";

    private static readonly string[] Everywhere = ["all"];

    public static IEnumerable<Command> Make(NodeOptions node) =>
        [Switchover(node), Standby("standby", node), Standby("unstandby", node), Reload(node)];

    private static Command Switchover(NodeOptions node)
    {
        Argument<string?> target = new("node") { Arity = ArgumentArity.ZeroOrOne, Description = "who shall own them; without it: whoever comes next" };
        Option<string?> vip = new("--vip") { Description = "only this VIP; without it: all", HelpName = "address" };
        Command verb = new("switchover", $"Moves VIPs to another node by agreement. {Exits}") { target, vip };
        return Order(verb, node, line => ControlSocket.Line(
        [
            "cluster", "switchover",
            .. line.GetValue(target) is { } name ? new[] { "node", name } : [],
            .. line.GetValue(vip) is { } address ? new[] { "vip", address } : [],
        ]));
    }

    private static Command Standby(string name, NodeOptions node)
    {
        Argument<string?> target = new("node") { Arity = ArgumentArity.ZeroOrOne, Description = "without it: the node of this host" };
        string what = name == "standby"
            ? "Takes a node out of the choice of owners, and moves away what it owns. It stays so until 'unstandby', also across restarts."
            : "Puts a node back into the choice of owners.";
        Command verb = new(name, $"{what} {Exits}") { target };
        return Order(verb, node, line => ControlSocket.Line(["cluster", name, .. line.GetValue(target) is { } given ? new[] { given } : []]));
    }

    private static Command Reload(NodeOptions node)
    {
        Option<bool> all = new("--all") { Description = "on every node, or, when one of them refuses its files, on none" };
        Command verb = new("reload", $"Reads haproxy.cfg and cluster.cfg again; wrong files are refused, and the old ones go on. {Exits}") { all };
        return Order(verb, node, line => ControlSocket.Line(["cluster", "reload", .. line.GetValue(all) ? Everywhere : []]));
    }

    private static Command Order(Command verb, NodeOptions node, Func<ParseResult, string> command)
    {
        node.AddTo(verb);
        verb.SetAction(async (ParseResult line, CancellationToken stop) =>
        {
            ControlAnswer answer = await node.Socket(line).AskAsync(command(line), ControlSocket.OrderPatience, stop).ConfigureAwait(false);
            if (answer.Problem is { } problem)
            {
                VerbLine.Complain(verb.Name, problem);
                return VerbExit.NotReachable;
            }
            if (!answer.IsDone)
            {
                VerbLine.Complain(verb.Name, answer.Message);
                return VerbExit.WarningOrRefused;
            }
            await Console.Out.WriteLineAsync(answer.Message.Length > 0 ? answer.Message : "done").ConfigureAwait(false);
            return VerbExit.Good;
        });
        return verb;
    }
}
