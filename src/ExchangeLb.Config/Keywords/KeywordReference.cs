using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ExchangeLb.Config.Acls;
using ExchangeLb.Config.Binds;
using ExchangeLb.Config.Cluster;
using ExchangeLb.Config.Globals;
using ExchangeLb.Config.Peers;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Config.Sections;
using ExchangeLb.Config.Servers;

namespace ExchangeLb.Config.Keywords;

/// <summary>The tables of keywords in cluster-config (keywords.md, README.md), made from the rows so that it can't be wrong.</summary>
public static class KeywordReference
{
    /// <summary>Lines between which such a table stands.</summary>
    public const string BeginMarker = "<!-- keywords:begin -->";

    public const string EndMarker = "<!-- keywords:end -->";

    /// <summary>Every row of every table, grouped as there.</summary>
    internal static IEnumerable<(string Title, IReadOnlyList<Keyword> Rows)> Groups()
    {
        IReadOnlyList<Keyword> proxies = [.. ProxyKeywords.Table.Rows];
        yield return ("`global`", [.. GlobalKeywords.Table.Rows]);
        yield return ("`stats socket …` in `global`", [.. StatsSocketLine.Table.Rows]);
        yield return ("`defaults`, `frontend`, `backend`, `listen`",
            [.. proxies.Where(row => Family(row) is not ("option" or "timeout" or "stats"))]);
        yield return ("`option …`", [.. proxies.Where(row => Family(row) == "option")]);
        yield return ("`timeout …`", [.. proxies.Where(row => Family(row) == "timeout")]);
        yield return ("`stats …`, with `mode http`", [.. proxies.Where(row => Family(row) == "stats")]);
        yield return ("`bind …`", [.. BindKeywords.Table.Rows]);
        yield return ("`server …`, `default-server …`", [.. ServerKeywords.Table.Rows]);
    }

    /// <summary>The same for cluster.cfg.</summary>
    internal static IEnumerable<(string Title, IReadOnlyList<Keyword> Rows)> ClusterGroups()
    {
        yield return ("`cluster <name>`", [.. ClusterKeywords.Table.Rows]);
        yield return ("`node …`", [.. NodeLine.Table.Rows]);
        yield return ("`vip …`", [.. VipLine.Table.Rows]);
    }

    /// <summary>What stands between the markers, each line ended by a line feed.</summary>
    public static string ToMarkdown()
    {
        StringBuilder text = new();
        foreach ((string title, IReadOnlyList<Keyword> rows) in Groups())
        {
            AppendGroup(text, title, rows);
        }
        text.Append("\n**ACL criteria**: ").Append(Code(AclTestReader.Supported)).Append("; with `!`, `or`, `if`, `unless`, `{ … }`, `-f`, `-n`.\n");
        text.Append("**Balance algorithms**: ").Append(Code(BalanceLine.Algorithms.Keys)).Append("; known, not supported: ").Append(Code(BalanceLine.Refused)).Append(".\n");
        text.Append("**Sections read, but ignored with a warning**: `").Append(PeersSection.Word).Append("` (a cluster replicates every stick table).\n");
        text.Append("**Sections known, not supported**: ").Append(Code(SectionOpener.Refused.Keys)).Append(".\n");
        return text.ToString();
    }

    /// <summary>The same for cluster.cfg.</summary>
    public static string ToClusterMarkdown()
    {
        StringBuilder text = new();
        foreach ((string title, IReadOnlyList<Keyword> rows) in ClusterGroups())
        {
            AppendGroup(text, title, rows);
        }
        return text.ToString();
    }

    /// <summary>The text with the table between its markers replaced; null: it lacks the markers.</summary>
    public static string? Replace(string readme, string table)
    {
        int begin = readme.IndexOf(BeginMarker, StringComparison.Ordinal);
        int end = readme.IndexOf(EndMarker, StringComparison.Ordinal);
        return begin < 0 || end < begin ? null : $"{readme[..(begin + BeginMarker.Length)]}\n{table}{readme[end..]}";
    }

    private static string Family(Keyword row) => row.Name.Split(' ')[0];

    private static void AppendGroup(StringBuilder text, string title, IReadOnlyList<Keyword> rows)
    {
        text.Append("\n### ").Append(title).Append("\n\n| keyword | meaning |\n| --- | --- |\n");
        foreach (Keyword row in rows.Where(row => row.Support == Support.Run).OrderBy(row => row.Name, StringComparer.Ordinal))
        {
            string syntax = row.Syntax.Replace("|", "\\|", StringComparison.Ordinal);
            text.Append("| `").Append($"{row.Name} {syntax}".TrimEnd()).Append("` | ").Append(row.Description).Append(" |\n");
        }
        if (rows.All(row => row.Support == Support.Run))
        {
            return;
        }
        text.Append("\n<details><summary>known, but not run</summary>\n\n");
        AppendList(text, "Accepted, changes nothing", rows, Support.NoEffect);
        AppendList(text, "HTTP only, ignored with a warning", rows, Support.HttpOnly);
        AppendList(text, "Refused by name", rows, Support.Refused);
        AppendList(text, "Removed from HAProxy before 2.6", rows, Support.Removed);
        text.Append("</details>\n");
    }

    private static void AppendList(StringBuilder text, string title, IReadOnlyList<Keyword> rows, Support support)
    {
        string[] names = [.. rows.Where(row => row.Support == support).Select(row => row.Name).Order(StringComparer.Ordinal)];
        if (names.Length > 0)
        {
            text.Append(title).Append(": ").Append(Code(names)).Append(".\n\n");
        }
    }

    private static string Code(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"`{word}`"));
}
