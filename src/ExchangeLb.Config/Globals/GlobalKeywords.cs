using System;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Logs;

namespace ExchangeLb.Config.Globals;

/// <summary>The keywords of `global` that are run (configuration.txt, 3).</summary>
internal static class GlobalKeywords
{
    public static KeywordTable<GlobalDraft> Table { get; } = new("global", Rows(), RefusedGlobalKeywords.Rows());

    private static Keyword<GlobalDraft>[] Rows() =>
    [
        Run("chroot", "<directory>", "left to systemd's sandbox", (draft, line) => draft.Model = draft.Model with { Chroot = line.Take() }),
        Run("daemon", "", "runs in the background", (draft, _) => draft.Model = draft.Model with { Daemon = true }),
        Run("description", "<text>", "shown by the statistics", (draft, line) => draft.Model = draft.Model with { Description = string.Join(' ', line.TakeAll()) })
            with { MaxArguments = int.MaxValue },
        Run("group", "<name>", "left to systemd", (draft, line) => draft.Model = draft.Model with { Group = line.Take() }),
        Run("gid", "<n>", "left to systemd", (draft, line) => draft.Model = draft.Model with { GroupId = (uint)Integer(line, 0, int.MaxValue) }),
        Run("log", LogLine.Syntax, "what `log global` stands for; several add up", Log) with { MinArguments = 0, MaxArguments = int.MaxValue, Negatable = true },
        Run("log-send-hostname", "[<name>]", "log lines carry the host's name", LogHostname) with { MinArguments = 0 },
        Run("log-tag", "<text>", "the program's name in log lines", (draft, line) => draft.Model = draft.Model with { LogTag = line.Take() }),
        Run("maxconn", "<n>", "concurrent client connections of the process", (draft, line) => draft.Model = draft.Model with { MaxConn = Integer(line, 0, int.MaxValue) }),
        Run("nbthread", "<1..64>", "loop threads", (draft, line) => draft.Model = draft.Model with { ThreadCount = Integer(line, 1, 64) }),
        Run("node", "<name>", "this host's name for the statistics", (draft, line) => draft.Model = draft.Model with { Node = line.Take() }),
        Run("pidfile", "<path>", "where the process id is written", (draft, line) => draft.Model = draft.Model with { PidFile = line.Take() }),
        Run("presetenv", "<name> <value>", "sets a variable unless it exists", (_, line) => SetVariable(line, keep: true)),
        Run("quiet", "", "as -q", (draft, _) => draft.Model = draft.Model with { Quiet = true }),
        Run("resetenv", "[<name>…]", "forgets all variables but these", (_, line) => line.Context.Variables.KeepOnly(line.TakeAll()))
            with { MinArguments = 0, MaxArguments = int.MaxValue },
        Run("setenv", "<name> <value>", "sets a variable", (_, line) => SetVariable(line, keep: false)),
        Run("spread-checks", "<0..50>", "percent by which check intervals vary", (draft, line) => draft.Model = draft.Model with { SpreadChecksPercent = Integer(line, 0, 50) }),
        Run("stats maxconn", "<n>", "concurrent connections to the stats sockets", (draft, line) => draft.Model = draft.Model with { StatsMaxConn = Integer(line, 1, int.MaxValue) }),
        Run("stats socket", "<path>|<address>:<port> [<option>…]", "a socket for commands", StatsSocketLine.Read) with { MinArguments = 1, MaxArguments = int.MaxValue },
        Run("stats timeout", "<time>", "silence after which such a connection is closed", StatsTimeout),
        Run("strict-limits", "", "no start without the wanted descriptor limit (default)",
            (draft, line) => draft.Model = draft.Model with { StrictLimits = line.Modifier != Modifier.No }) with { Negatable = true },
        Run("ulimit-n", "<n>", "descriptor limit", (draft, line) => draft.Model = draft.Model with { DescriptorLimit = Integer(line, 0, int.MaxValue) }),
        Run("unsetenv", "<name>…", "forgets variables", UnsetVariables) with { MaxArguments = int.MaxValue },
        Run("user", "<name>", "left to systemd", (draft, line) => draft.Model = draft.Model with { User = line.Take() }),
        Run("uid", "<n>", "left to systemd", (draft, line) => draft.Model = draft.Model with { UserId = (uint)Integer(line, 0, int.MaxValue) }),
        Run("zero-warning", "", "a warning is as bad as an error", (draft, _) => draft.Model = draft.Model with { ZeroWarning = true }),
    ];

    private static Keyword<GlobalDraft> Run(string name, string syntax, string description, Action<GlobalDraft, Arguments> parse)
    {
        int count = syntax.Length == 0 ? 0 : syntax.Split(' ').Length;
        return new(name, SectionKinds.Global, Support.Run, description, parse) { Syntax = syntax, MinArguments = count, MaxArguments = count };
    }

    private static int Integer(Arguments line, int low, int high) => line.TryInteger(low, high, out int value) ? value : 0;

    private static void Log(GlobalDraft draft, Arguments line)
    {
        if (line.Negated && !line.HasMore)
        {
            draft.LogTargets.Clear();
        }
        else if (draft.LogTargets.Count == ReaderLimits.LogTargets)
        {
            line.Alert($"is one more than the {ReaderLimits.LogTargets} that a section may have", "remove some");
        }
        else if (LogLine.Read(line) is { } target)
        {
            draft.LogTargets.Add(target);
        }
    }

    private static void LogHostname(GlobalDraft draft, Arguments line) =>
        draft.Model = draft.Model with { LogHostname = line.HasMore ? line.Take() : line.Context.Options.HostName };

    private static void StatsTimeout(GlobalDraft draft, Arguments line)
    {
        if (!line.TryTime(out TimeSpan time))
        {
            return;
        }
        if (time == TimeSpan.Zero)
        {
            line.Alert("can't be 0", "write a time of 1 ms or more");
            return;
        }
        draft.Model = draft.Model with { StatsTimeout = time };
    }

    private static void SetVariable(Arguments line, bool keep)
    {
        (string name, string value) = (line.Take(), line.Take());
        if (!keep || line.Context.Variables.Find(name) is null)
        {
            line.Context.Variables.Set(name, value);
        }
    }

    private static void UnsetVariables(GlobalDraft draft, Arguments line)
    {
        foreach (string name in line.TakeAll())
        {
            line.Context.Variables.Unset(name);
        }
    }
}
