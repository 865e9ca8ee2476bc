using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Values;
using ExchangeLb.Core.Model;
using static ExchangeLb.Config.Keywords.Support;

namespace ExchangeLb.Config.Globals;

/// <summary>The options of one `stats socket` line as read so far.</summary>
internal sealed class StatsSocketDraft
{
    public RuntimeLevel Level { get; set; } = RuntimeLevel.Operator;
    public int? FileMode { get; set; }
    public int? UserId { get; set; }
    public int? GroupId { get; set; }
}

/// <summary>
/// `stats socket path|address:port [option …]` (configuration.txt, 3.1): options are those of `bind` that are about sockets in the file
/// system.
/// </summary>
internal static class StatsSocketLine
{
    private static readonly Dictionary<string, RuntimeLevel> Levels = new(StringComparer.Ordinal)
    {
        ["user"] = RuntimeLevel.User,
        ["operator"] = RuntimeLevel.Operator,
        ["admin"] = RuntimeLevel.Admin,
    };

    public static KeywordTable<StatsSocketDraft> Table { get; } = new(
    [
        Option("mode", "<octal>", "permission bits of the socket file", (draft, line) => draft.FileMode = Mode(line)),
        Option("level", "user|operator|admin", "what may be done", (draft, line) => draft.Level = Level(line)),
        Option("user", "<name>", "owner of the socket file", (draft, line) => draft.UserId = Id(line, line.Context.Options.UserId)),
        Option("group", "<name>", "group of the socket file", (draft, line) => draft.GroupId = Id(line, line.Context.Options.GroupId)),
        Option("uid", "<n>", "owner of the socket file",
            (draft, line) => draft.UserId = line.TryInteger(0, int.MaxValue, out int id) ? id : null),
        Option("gid", "<n>", "group of the socket file",
            (draft, line) => draft.GroupId = line.TryInteger(0, int.MaxValue, out int id) ? id : null),
    ],
    Others(NoEffect, 1, "listening sockets are handed over without it", "expose-fd"),
    Others(NoEffect, 1, "it changes nothing for commands", "backlog", "id", "maxconn", "name", "nice", "process", "shards", "thread"),
    Others(Refused, 1, "remove it", "interface", "namespace", "severity-output"),
    Others(Refused, 0, "remove it", "accept-proxy", "ssl", "transparent", "v4v6", "v6only"),
    Others(Refused, 1, "commands are not encrypted: listen on a path or a loopback address", "ca-file", "ciphers", "crt", "verify"));

    public static void Read(GlobalDraft global, Arguments arguments)
    {
        string target = arguments.Take();
        arguments.Keyword = $"stats socket {target}";
        StatsSocketDraft draft = new();
        (string? Path, IPEndPoint? Address)? where = ReadTarget(target, arguments);
        OptionList.Read(Table, SectionKinds.Global, draft, arguments);
        if (where is { } found)
        {
            global.StatsSockets.Add(new(found.Path, found.Address, arguments.Place)
            {
                Level = draft.Level,
                FileMode = draft.FileMode,
                UserId = draft.UserId,
                GroupId = draft.GroupId,
            });
        }
    }

    private static (string? Path, IPEndPoint? Address)? ReadTarget(string text, Arguments arguments)
    {
        string? problem = AddressText.TryCut(text, out AddressText cut);
        if (problem is null && cut.Kind == AddressTextKind.UnixPath && cut.Host.Length > 0)
        {
            return (cut.Host, null);
        }
        if (problem is null && cut is { Kind: AddressTextKind.Ip, Port: PortKind.Fixed, LowPort: > 0 } && cut.LowPort == cut.HighPort
            && cut.Resolve(arguments.Context.Options.Resolve) is { } address)
        {
            return (null, new(address, cut.LowPort));
        }
        problem ??= cut.Kind is AddressTextKind.Descriptor or AddressTextKind.Unsupported
            ? "has an address of a kind that is known, but not supported" : "has no valid path or address";
        arguments.Alert(problem, "write a path, or ipv4@<address>:<port>");
        return null;
    }

    private static Keyword<StatsSocketDraft> Option(
        string name, string syntax, string description, Action<StatsSocketDraft, Arguments> parse) =>
        new(name, SectionKinds.Global, Run, description, parse) { Syntax = syntax, MinArguments = 1, MaxArguments = 1 };

    private static IEnumerable<Keyword<StatsSocketDraft>> Others(Support support, int arguments, string reason, params string[] names) =>
        names.Select(name => new Keyword<StatsSocketDraft>(name, SectionKinds.Global, support, reason, null) { MinArguments = arguments });

    private static int? Mode(Arguments line)
    {
        string text = line.Take();
        bool octal = text.Length is > 0 and <= 5 && text.All(c => c is >= '0' and <= '7');
        if (octal && Convert.ToInt32(text, 8) is int mode and <= 0xFFF)
        {
            return mode;
        }
        line.Alert($"takes octal permission bits, not '{text}'", "write for example 660");
        return null;
    }

    private static RuntimeLevel Level(Arguments line)
    {
        string text = line.Take();
        if (!Levels.TryGetValue(text, out RuntimeLevel level))
        {
            line.Alert($"does not take '{text}'", $"write one of {string.Join(", ", Levels.Keys)}");
        }
        return level;
    }

    private static int? Id(Arguments line, Func<string, int?> find)
    {
        string name = line.Take();
        int? id = find(name);
        if (id is null)
        {
            line.Alert($"names '{name}', which this host does not know", "create it, or write its number by 'uid' or 'gid'");
        }
        return id;
    }
}
