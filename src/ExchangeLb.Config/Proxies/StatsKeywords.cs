using System;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Values;
using ExchangeLb.Core.Model;
using static ExchangeLb.Config.Keywords.SectionKinds;
using static ExchangeLb.Config.Proxies.ProxyRow;

namespace ExchangeLb.Config.Proxies;

/// <summary>`stats …` of a section with `mode http` (configuration.txt, 4.2). Any of them turns the page on, as in HAProxy.</summary>
internal static class StatsKeywords
{
    public static Keyword<ProxyDraft>[] Rows() =>
    [
        Row("auth", "<user>:<password>", "who may see the page", (stats, line) => stats with { Users = stats.Users.Add(ReadUser(line)) }),
        Row("enable", "", "this section serves the page", (stats, _) => stats),
        Row("hide-version", "", "the page does not tell the version", (stats, _) => stats with { HideVersion = true }),
        Row("realm", "<text>", "realm of the password prompt", (stats, line) => stats with { Realm = line.Take() }),
        Row("refresh", "<time>", "the page reloads itself", Refresh),
        Row("scope", "<proxy>", "only these sections are shown; `.` is this one",
            (stats, line) => stats with { Scopes = stats.Scopes.Add(line.Take()) }),
        Row("show-desc", "[<text>…]", "shows a description", ShowDescription),
        Row("show-legends", "", "shows more by hovering", (stats, _) => stats with { ShowLegends = true }),
        Row("show-modules", "", "accepted; there are no modules with counters of their own", (stats, _) => stats),
        Row("show-node", "[<name>]", "shows the node's name", ShowNode),
        Row("uri", "<prefix>", "path of the page", (stats, line) => stats with { Uri = line.Take() }),
        new("stats admin", Proxy, Support.Refused, "change states by the stats socket: remove it", null),
        new("stats http-request", Proxy, Support.Refused, "use 'stats auth' and the addresses of 'bind'", null),
    ];

    private static Keyword<ProxyDraft> Row(
        string name, string syntax, string description, Func<StatsPageModel, Arguments, StatsPageModel> parse)
    {
        return Run($"stats {name}", Anywhere, syntax, description, (proxy, line) =>
        {
            // A section's own lines replace those of defaults, they don't add to them (HAProxy detaches likewise).
            StatsPageModel stats = proxy.Settings.Stats is { } own && !ReferenceEquals(own, proxy.Inherited.Stats) ? own : new();
            // A copy even where nothing changes: it is what tells this section's page from the inherited one.
            proxy.Settings.Stats = parse(stats, line) with { };
            if (proxy.Settings.Stats.Users.Length > ReaderLimits.StatsLines || proxy.Settings.Stats.Scopes.Length > ReaderLimits.StatsLines)
            {
                line.Alert($"is one more than the {ReaderLimits.StatsLines} that a section may have", "remove some");
                proxy.Settings.Stats = stats with { };
            }
        }).WithAnyMore();
    }

    private static (string User, string Password) ReadUser(Arguments line)
    {
        string text = line.Take();
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            line.Warning($"has no password in '{text}'", "write <user>:<password>");
        }
        return colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
    }

    private static StatsPageModel Refresh(StatsPageModel stats, Arguments line) =>
        line.TryTime(out TimeSpan time, TimeUnit.Seconds) ? stats with { Refresh = time } : stats;

    private static StatsPageModel ShowDescription(StatsPageModel stats, Arguments line)
    {
        string text = string.Join(' ', line.TakeAll());
        text = text.Length > 0 ? text : line.Context.Global.Model.Description ?? "";
        if (text.Length == 0)
        {
            line.Warning("has nothing to show", "write a text, or 'description' in the global section");
        }
        return stats with { ShowDescription = text };
    }

    private static StatsPageModel ShowNode(StatsPageModel stats, Arguments line)
    {
        string name = line.Take();
        return stats with { ShowNode = name.Length > 0 ? name : line.Context.Global.Model.Node ?? line.Context.Options.HostName };
    }
}
