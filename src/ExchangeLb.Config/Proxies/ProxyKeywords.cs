using ExchangeLb.Config.Acls;
using ExchangeLb.Config.Binds;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Logs;
using ExchangeLb.Config.Servers;
using ExchangeLb.Core.Model;
using static ExchangeLb.Config.Keywords.SectionKinds;
using static ExchangeLb.Config.Proxies.ProxyRow;

namespace ExchangeLb.Config.Proxies;

/// <summary>The keywords of `defaults`, `frontend`, `backend` and `listen` that are run (configuration.txt, 4).</summary>
internal static class ProxyKeywords
{
    private const SectionKinds Front = Defaults | FrontSide;
    private const SectionKinds Back = Defaults | BackSide;

    public static KeywordTable<ProxyDraft> Table { get; } = new(
        "defaults, frontend, backend, listen", Rows(), TimeoutKeywords.Rows(), OptionKeywords.Rows(), StatsKeywords.Rows(), RefusedProxyKeywords.Rows());

    private static Keyword<ProxyDraft>[] Rows() =>
    [
        Run("acl", Anywhere, "<name> <criterion> [<value>…]", "names a test for conditions", AclLine.Read) with { MaxArguments = int.MaxValue, MinArguments = 2 },
        Run("backlog", Front, "<n>", "length of the accept queue", (proxy, line) => proxy.Settings.Backlog = Integer(line)) with { IgnoredElsewhere = true },
        Run("balance", Back, "roundrobin|static-rr|leastconn|first|source", "how a server is chosen", BalanceLine.Read) with { MinArguments = 0, MaxArguments = int.MaxValue, IgnoredElsewhere = true },
        Run("bind", FrontSide, "[<address>]:<port>[-<port>][,…] [<option>…]", "listening addresses", BindLine.Read) with { MaxArguments = int.MaxValue, MinArguments = 1, IgnoredElsewhere = true },
        Run("default-server", Back, "<option>…", "options of the server lines that follow", ServerLine.ReadDefault) with { MaxArguments = int.MaxValue },
        Run("default_backend", Front, "<backend>", "where sessions go that no use_backend takes", DefaultBackend) with { MaxArguments = int.MaxValue, IgnoredElsewhere = true },
        Run("description", Proxy, "<text>", "shown by the statistics", (proxy, line) => proxy.Description = string.Join(' ', line.TakeAll())) with { MaxArguments = int.MaxValue },
        Run("disabled", Anywhere, "", "the section is read but not run", (proxy, _) => proxy.Settings.Disabled = true),
        Run("enabled", Anywhere, "", "undoes `disabled`", (proxy, _) => proxy.Settings.Disabled = false),
        Run("fullconn", Back, "<n>", "load at which dynamic limits are highest; shown by the statistics", (proxy, line) => proxy.Settings.FullConn = Integer(line)) with { IgnoredElsewhere = true },
        Run("hash-type", Back, "map-based", "how `balance source` spreads", BalanceLine.ReadHashType) with { MaxArguments = int.MaxValue, IgnoredElsewhere = true },
        Run("id", Proxy, "<n>", "proxy id shown by the statistics", Id),
        Run("log", Anywhere, "global|" + LogLine.Syntax, "where log lines go; several add up", Log) with { MinArguments = 0, MaxArguments = int.MaxValue, Negatable = true },
        Run("maxconn", Front, "<n>", "concurrent sessions", (proxy, line) => proxy.Settings.MaxConn = Integer(line)) with { IgnoredElsewhere = true },
        Run("mode", Anywhere, "tcp|http", "http serves the stats page only", Mode),
        Run("retries", Back, "<n>", "connection attempts after the first", (proxy, line) => proxy.Settings.Retries = Integer(line)) with { IgnoredElsewhere = true },
        Run("server", BackSide, "<name> <address>[:<port>] [<option>…]", "a server", ServerLine.Read) with { MaxArguments = int.MaxValue, MinArguments = 2 },
        Run("source", Back, "<address>[:<port>]", "local address of connections to servers", Source) with { MaxArguments = int.MaxValue, IgnoredElsewhere = true },
        Run("stick match", BackSide, StickSyntax, "a client known to the table goes to its server", (proxy, line) => StickLines.ReadRule(proxy, line, true, false)) with { MinArguments = 1, MaxArguments = int.MaxValue, IgnoredElsewhere = true },
        Run("stick on", BackSide, StickSyntax, "both match and store-request", (proxy, line) => StickLines.ReadRule(proxy, line, true, true)) with { MinArguments = 1, MaxArguments = int.MaxValue, IgnoredElsewhere = true },
        Run("stick store-request", BackSide, StickSyntax, "the chosen server is stored", (proxy, line) => StickLines.ReadRule(proxy, line, false, true)) with { MinArguments = 1, MaxArguments = int.MaxValue, IgnoredElsewhere = true },
        Run("stick-table", Proxy, "type ip|ipv6 size <n> [expire <time>] [nopurge]", "which client sticks to which server", StickLines.ReadTable) with { MinArguments = 0, MaxArguments = int.MaxValue },
        Run("use_backend", FrontSide, "<backend> [if|unless <condition>]", "where sessions go for which the condition holds", UseBackend) with { MinArguments = 1, MaxArguments = int.MaxValue, IgnoredElsewhere = true },
    ];

    private const string StickSyntax = "src [table <name>] [if|unless <condition>]";

    private static int Integer(Arguments line) => line.TryInteger(0, int.MaxValue, out int value) ? value : 0;

    private static void Id(ProxyDraft proxy, Arguments line) =>
        (proxy.Id, proxy.IdPlace) = (line.TryInteger(1, int.MaxValue, out int id) ? id : 0, line.Place);

    private static void Mode(ProxyDraft proxy, Arguments line)
    {
        string mode = line.Take();
        switch (mode)
        {
            case "tcp":
                proxy.Settings.Mode = ProxyMode.Tcp;
                break;
            case "http":
                proxy.Settings.Mode = ProxyMode.Http;
                break;
            case "health":
                line.Alert("'health' is no longer taken by HAProxy", "remove the section, or ask the stats page");
                break;
            default:
                line.Alert($"takes 'tcp' or 'http', not '{mode}'", "write 'mode tcp'");
                break;
        }
    }

    private static void Log(ProxyDraft proxy, Arguments line)
    {
        if (line.Negated && !line.HasMore)
        {
            (proxy.Settings.LogGlobal, proxy.Settings.LogTargets) = (false, []);
        }
        else if (line.Remaining == 1 && line.TakeIf("global"))
        {
            proxy.Settings.LogGlobal = true;
        }
        else if (proxy.Settings.LogTargets.Length == ReaderLimits.LogTargets)
        {
            line.Alert($"is one more than the {ReaderLimits.LogTargets} that a section may have", "remove some");
        }
        else if (LogLine.Read(line) is { } target)
        {
            proxy.Settings.LogTargets = proxy.Settings.LogTargets.Add(target);
        }
    }

    private static void DefaultBackend(ProxyDraft proxy, Arguments line)
    {
        (proxy.Settings.DefaultBackend, proxy.Settings.DefaultBackendPlace) = (line.Take(), line.Place);
        if (line.HasMore)
        {
            line.Alert($"does not take '{line.Peek}'", "a default has no condition; write 'use_backend' for one");
        }
    }

    private static void UseBackend(ProxyDraft proxy, Arguments line)
    {
        string backend = line.Take();
        if (backend.Contains('%', System.StringComparison.Ordinal))
        {
            line.Alert($"has a name to be computed ('{backend}'), which is known, but not supported", "write one line with a condition for each backend");
            return;
        }
        if (ConditionReader.TryRead(proxy, line, out ConditionModel? condition))
        {
            proxy.UseBackends.Add(new(backend, condition, line.Place));
        }
    }

    private static void Source(ProxyDraft proxy, Arguments line)
    {
        proxy.Settings.Source = SourceAddressText.Read(line);
        line.ExpectEnd();
    }
}
