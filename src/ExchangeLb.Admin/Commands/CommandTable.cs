using System;
using System.Collections.Immutable;
using System.Linq;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Admin.Commands;

/// <summary>All commands, in the order of the help. To add one: see the project's README.</summary>
internal static class CommandTable
{
    public static ImmutableArray<Command> All { get; } =
    [
        new("clear counters", RuntimeLevel.Operator, "[all]", "clear largest values (or all counters)", Command.Answer(ClearCommands.Counters)),
        new("clear table", RuntimeLevel.Operator, "<table> [<filter>]*", "remove entries from a table (filter: data/key)",
            Command.Answer(ClearCommands.Table)),
        new("cluster reload", RuntimeLevel.Admin, "[all]", "read the configuration again, here or on all nodes", ClusterCommands.ReloadAsync),
        new("cluster standby", RuntimeLevel.Admin, "[<node>]", "take a node out of the choice of owners", ClusterCommands.StandbyAsync),
        new("cluster switchover", RuntimeLevel.Admin, "[node <name>] [vip <address>]", "move VIPs to another node", ClusterCommands.SwitchoverAsync),
        new("cluster unstandby", RuntimeLevel.Admin, "[<node>]", "put a node back into the choice of owners", ClusterCommands.UnstandbyAsync),
        new("disable health", RuntimeLevel.Admin, "<bk>/<srv>", "stop a server's health checks", Command.Answer(ServerCommands.DisableHealth)),
        new("disable server", RuntimeLevel.Admin, "<bk>/<srv>", "put a server into maintenance", Command.Answer(ServerCommands.DisableServer)),
        new("enable health", RuntimeLevel.Admin, "<bk>/<srv>", "resume a server's health checks", Command.Answer(ServerCommands.EnableHealth)),
        new("enable server", RuntimeLevel.Admin, "<bk>/<srv>", "take a server out of maintenance", Command.Answer(ServerCommands.EnableServer)),
        new("get weight", RuntimeLevel.User, "<bk>/<srv>", "report a server's weight", Command.Answer(ServerCommands.GetWeight)),
        new("operator", RuntimeLevel.Operator, "", "lower this connection's level to operator", Command.Answer(SessionCommands.Operator)),
        new("set server", RuntimeLevel.Admin, "<bk>/<srv> state|weight|health <value>", "change a server's state, weight or health",
            Command.Answer(ServerCommands.Set)),
        new("set timeout cli", RuntimeLevel.User, "<delay>", "change this connection's idle timeout", Command.Answer(SessionCommands.SetTimeout)),
        new("set weight", RuntimeLevel.Admin, "<bk>/<srv> <weight>", "change a server's weight", Command.Answer(ServerCommands.SetWeight)),
        new("show backend", RuntimeLevel.User, "", "list the backends", Command.Answer(ShowInfo.Backends)),
        new("show cli level", RuntimeLevel.User, "", "show this connection's level", Command.Answer(SessionCommands.ShowLevel)),
        new("show cluster events", RuntimeLevel.User, "", "list what happened in the cluster, the newest last", Command.Answer(ShowCluster.Events)),
        new("show cluster json", RuntimeLevel.User, "", "report the cluster for programs", Command.Answer(ShowCluster.Json)),
        new("show cluster", RuntimeLevel.User, "", "report nodes, owners, and whether a failover would work", Command.Answer(ShowCluster.Write)),
        new("show info", RuntimeLevel.User, "", "report facts about the process", Command.Answer(ShowInfo.Write)),
        new("show servers state", RuntimeLevel.User, "[<backend>]", "report what changes about servers", ShowServersState.WriteAsync),
        new("show stat", RuntimeLevel.User, "[<iid>|<proxy> <type> <sid>] [up|no-maint]", "report counters of proxies and servers",
            ShowStat.WriteAsync),
        new("show table", RuntimeLevel.User, "[<table> [<filter>]*]", "report tables, or the entries of one (filter: data/key)",
            ShowTable.WriteAsync),
        new("show version", RuntimeLevel.User, "", "show the process' version", Command.Answer(ShowInfo.Version)),
        new("user", RuntimeLevel.User, "", "lower this connection's level to user", Command.Answer(SessionCommands.User)),
        new("help", RuntimeLevel.User, "[<command>]", "list matching or all commands", Command.Answer(SessionCommands.Help)),
        new("prompt", RuntimeLevel.User, "", "keep the connection open and show a prompt", Command.Answer(SessionCommands.Prompt)),
        new("quit", RuntimeLevel.User, "", "end the connection", Command.Answer(SessionCommands.Quit)),
    ];

    /// <summary>What HAProxy 2.6 has and we do not (management.txt, 9.3): refused by name, so that nobody searches for a typing error.</summary>
    public static ImmutableArray<string> Refused { get; } =
    [
        "abort ssl", "add acl", "add map", "add server", "add ssl", "clear acl", "clear map", "commit acl", "commit map", "commit ssl",
        "del acl", "del map", "del server", "del ssl", "disable agent", "disable dynamic-cookie", "disable frontend", "enable agent",
        "enable dynamic-cookie", "enable frontend", "get acl", "get map", "get var", "new ssl", "prepare acl", "prepare map",
        "set dynamic-cookie-key", "set map", "set maxconn", "set profiling", "set rate-limit", "set severity-output", "set ssl", "set table",
        "set var", "show acl", "show activity", "show cache", "show cli sockets", "show env", "show errors", "show events", "show fd",
        "show libs", "show map", "show peers", "show pools", "show profiling", "show resolvers", "show schema", "show servers conn",
        "show sess", "show ssl", "show startup-logs", "show tasks", "show threads", "show tls-keys", "show trace", "shutdown frontend",
        "shutdown session", "shutdown sessions", "trace",
    ];

    public static Command? Find(ImmutableArray<string> words) => All.FirstOrDefault(command => command.Matches(words));

    /// <summary>The refused command that the words call, or null.</summary>
    public static string? FindRefused(ImmutableArray<string> words)
    {
        string given = string.Join(' ', words);
        return Refused.FirstOrDefault(name => given.StartsWith(name, StringComparison.Ordinal)
            && (given.Length == name.Length || given[name.Length] == ' '));
    }
}
