using System;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Logs;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Globals;

/// <summary>The keywords of `global` that are run (configuration.txt, 3).</summary>
internal static class GlobalKeywords
{
    private const string RootGivenUp = "root is given up for it once everything is bound";

    public static KeywordTable<GlobalDraft> Table { get; } = new(Rows(), RefusedGlobalKeywords.Rows());

    private static Keyword<GlobalDraft>[] Rows() =>
    [
        Set("chroot", "<directory>", "left to systemd's sandbox", (model, line) => model with { Chroot = line.Take() }),
        Set("daemon", "", "runs in the background", (model, _) => model with { Daemon = true }),
        Set("description", "<text>…", "shown by the statistics", (model, line) => model with { Description = line.TakeText() }),
        Set("group", "<name>", RootGivenUp, (model, line) => model with { Group = line.Take(), GroupPlace = line.Place }),
        Set("gid", "<n>", RootGivenUp, (model, line) => model with { GroupId = (uint)Integer(line, 0, int.MaxValue), GroupPlace = line.Place }),
        Run("hard-stop-after", "<time>", "a soft stop cuts the sessions that are left after this time", HardStopAfter),
        Run("log", LogLine.Syntax, "what `log global` stands for; several add up", Log)
            with { MinArguments = 0, MaxArguments = int.MaxValue, Negatable = true },
        Run("log-send-hostname", "[<name>]", "log lines carry the host's name", LogHostname),
        Set("log-tag", "<text>", "the program's name in log lines", (model, line) => model with { LogTag = line.TakeName() }),
        Set("maxconn", "<n>", "concurrent client connections of the process",
            (model, line) => model with { MaxConn = Integer(line, 0, int.MaxValue) }),
        Set("nbthread", "<1..64>", "loop threads", (model, line) => model with { ThreadCount = Integer(line, 1, 64) }),
        Set("node", "<name>", "this host's name for the statistics", (model, line) => model with { Node = line.TakeName() }),
        Set("pidfile", "<path>", "where the process id is written", (model, line) => model with { PidFile = line.Take() }),
        Run("presetenv", "<name> <value>", "sets a variable unless it exists", (_, line) => SetVariable(line, keep: true)),
        Set("quiet", "", "as -q", (model, _) => model with { Quiet = true }),
        Run("resetenv", "[<name>…]", "forgets all variables but these", (_, line) => line.Context.Variables.KeepOnly(line.TakeAll())),
        Run("setenv", "<name> <value>", "sets a variable", (_, line) => SetVariable(line, keep: false)),
        Set("spread-checks", "<0..50>", "percent by which check intervals vary",
            (model, line) => model with { SpreadChecksPercent = Integer(line, 0, 50) }),
        Set("stats maxconn", "<n>", "concurrent connections to the stats sockets",
            (model, line) => model with { StatsMaxConn = Integer(line, 1, int.MaxValue) }),
        Run("stats socket", "<path>|<address>:<port> [<option>…]", "a socket for commands", StatsSocketLine.Read),
        Run("stats timeout", "<time>", "silence after which such a connection is closed", StatsTimeout),
        Set("strict-limits", "", "no start without the wanted descriptor limit (default)",
            (model, line) => model with { StrictLimits = line.Modifier != Modifier.No })
            with { Negatable = true },
        Set("ulimit-n", "<n>", "descriptor limit", (model, line) => model with { DescriptorLimit = Integer(line, 0, int.MaxValue) }),
        .. SocketBufferKeywords.Rows(),
        Run("unsetenv", "<name>…", "forgets variables", UnsetVariables),
        Set("user", "<name>", RootGivenUp, (model, line) => model with { User = line.Take(), UserPlace = line.Place }),
        Set("uid", "<n>", RootGivenUp, (model, line) => model with { UserId = (uint)Integer(line, 0, int.MaxValue), UserPlace = line.Place }),
        Set("zero-warning", "", "a warning is as bad as an error", (model, _) => model with { ZeroWarning = true }),
    ];

    /// <summary>A row that changes one property of the model.</summary>
    private static Keyword<GlobalDraft> Set(
        string name, string syntax, string description, Func<GlobalModel, Arguments, GlobalModel> change) =>
        Run(name, syntax, description, (draft, line) => draft.Model = change(draft.Model, line));

    private static Keyword<GlobalDraft> Run(string name, string syntax, string description, Action<GlobalDraft, Arguments> parse)
    {
        (int min, int max) = Arity.Of(syntax);
        return new(name, SectionKinds.Global, Support.Run, description, parse) { Syntax = syntax, MinArguments = min, MaxArguments = max };
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
        draft.Model = draft.Model with { LogHostname = line.HasMore ? line.TakeName() : line.Context.Options.HostName };

    /// <summary>0 is no limit, as in HAProxy.</summary>
    private static void HardStopAfter(GlobalDraft draft, Arguments line)
    {
        if (line.TryTime(out TimeSpan time))
        {
            draft.Model = draft.Model with { HardStopAfter = time == TimeSpan.Zero ? null : time };
        }
    }

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
