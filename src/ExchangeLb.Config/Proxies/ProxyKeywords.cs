using ExchangeLb.Config.Acls;
using ExchangeLb.Config.Binds;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Logs;
using ExchangeLb.Config.Servers;
using static ExchangeLb.Config.Keywords.SectionKinds;
using static ExchangeLb.Config.Proxies.ProxyRow;

namespace ExchangeLb.Config.Proxies;

/// <summary>The keywords of `defaults`, `frontend`, `backend` and `listen` that are run (configuration.txt, 4).</summary>
internal static class ProxyKeywords
{
    private const SectionKinds Front = Defaults | FrontSide;
    private const SectionKinds Back = Defaults | BackSide;
    private const string StickSyntax = "src [table <name>] [if|unless <condition>…]";

    public static KeywordTable<ProxyDraft> Table { get; } =
        new(Rows(), TimeoutKeywords.Rows(), OptionKeywords.Rows(), StatsKeywords.Rows(), RefusedProxyKeywords.Rows());

    private static Keyword<ProxyDraft>[] Rows() =>
    [
        Run("acl", Anywhere, "<name> <criterion> [<value>…]", "names a test for conditions", AclLine.Read),
        Run("backlog", Front, "<n>", "length of the accept queue", (proxy, line) => proxy.Settings.Backlog = Integer(line)),
        Run("balance", Back, "[roundrobin|static-rr|leastconn|first|source]", "how a server is chosen", BalanceLine.Read).WithAnyMore(),
        Run("bind", FrontSide, "[<address>]:<port>[-<port>][,…] [<option>…]", "listening addresses", BindLine.Read),
        Run("default-server", Back, "[<option>…]", "options of the server lines that follow", ServerLine.ReadDefault),
        Run("default_backend", Front, "<backend>", "where sessions go that no use_backend takes", ProxyLines.DefaultBackend),
        Run("description", Proxy, "<text>…", "shown by the statistics", (proxy, line) => proxy.Description = line.TakeText()),
        Run("disabled", Anywhere, "", "the section is read but not run", (proxy, _) => proxy.Settings.Disabled = true),
        Run("enabled", Anywhere, "", "undoes `disabled`", (proxy, _) => proxy.Settings.Disabled = false),
        Run("fullconn", Back, "<n>", "load at which dynamic limits are highest; shown by the statistics",
            (proxy, line) => proxy.Settings.FullConn = Integer(line)),
        Run("hash-type", Back, "map-based", "how `balance source` spreads", BalanceLine.ReadHashType).WithAnyMore(),
        Run("id", Proxy, "<n>", "proxy id shown by the statistics", ProxyLines.Id),
        Run("log", Anywhere, "global|" + LogLine.Syntax, "where log lines go; several add up", ProxyLines.Log)
            with { MinArguments = 0, MaxArguments = int.MaxValue, Negatable = true },
        Run("maxconn", Front, "<n>", "concurrent sessions", (proxy, line) => proxy.Settings.MaxConn = Integer(line)),
        Run("mode", Anywhere, "tcp|http", "http serves the stats page only", ProxyLines.Mode),
        Run("retries", Back, "<n>", "connection attempts after the first", (proxy, line) => proxy.Settings.Retries = Integer(line)),
        Run("server", BackSide, "<name> <address>[:<port>] [<option>…]", "a server", ServerLine.Read) with { IgnoredElsewhere = false },
        Run("source", Back, "<address>[:<port>]", "local address of connections to servers", ProxyLines.Source).WithAnyMore(),
        Run("stick match", BackSide, StickSyntax, "a client known to the table goes to its server",
            (proxy, line) => StickLines.ReadRule(proxy, line, match: true, store: false)),
        Run("stick on", BackSide, StickSyntax, "both match and store-request",
            (proxy, line) => StickLines.ReadRule(proxy, line, match: true, store: true)),
        Run("stick store-request", BackSide, StickSyntax, "the chosen server is stored",
            (proxy, line) => StickLines.ReadRule(proxy, line, match: false, store: true)),
        Run("stick-table", Proxy, "type ip|ipv6 size <n> [expire <time>] [nopurge] [peers <name>]", "which client sticks to which server",
            StickLines.ReadTable)
            .WithAnyMore() with { MinArguments = 0 },
        Run("use_backend", FrontSide, "<backend> [if|unless <condition>…]", "where sessions go for which the condition holds",
            ProxyLines.UseBackend),
    ];

    private static int Integer(Arguments line) => line.TryInteger(0, int.MaxValue, out int value) ? value : 0;
}
