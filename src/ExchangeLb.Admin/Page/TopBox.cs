using System.Linq;
using ExchangeLb.Admin.Http;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>Name of the box, the verdict, and what can be chosen.</summary>
internal static class TopBox
{
    /// <summary>Servers named under the verdict; the rest is found below.</summary>
    private const int MostTroubles = 12;

    public static void Write(HtmlWriter html, PageView view)
    {
        html.Add($"<header class=\"top\">\n<div class=\"name\"><h1>{view.Node}</h1><p>ExchangeLb");
        if (!view.Page.HideVersion)
        {
            html.Add($" {view.Process.Version}");
        }
        if (view.ClusterNode is { } name)
        {
            html.Add($" · {name} of {view.Cluster!.Cluster}");
        }
        if (view.Description.Length > 0)
        {
            html.Add($" · {view.Description}");
        }
        html.Add($"</p></div>\n");

        html.Add($"<nav aria-label=\"View\"><ul>\n");
        Choices(html, view);
        html.Add($"</ul></nav>\n</header>\n");

        Verdict verdict = Verdict.Of(view);
        html.Add($"<div class=\"verdict {Parts.Css(verdict.Tone)}\" role=\"status\"><p class=\"v\">");
        html.Add($"<span class=\"mark\" aria-hidden=\"true\">{Parts.Mark(verdict.Tone)}</span>{verdict.Sentence}</p>");
        if (verdict.Detail.Length > 0)
        {
            html.Add($"<p>{verdict.Detail}</p>");
        }
        Troubles(html, view);
        html.Add($"</div>\n");
    }

    /// <summary>The servers behind the verdict, so that nobody has to search thirty rows for the one that is down.</summary>
    private static void Troubles(HtmlWriter html, PageView view)
    {
        var troubles = view.Proxies
            .SelectMany(proxy => proxy.Servers, (proxy, server) => (Proxy: proxy, Server: server, Condition: Condition.Of(server)))
            .Where(row => row.Condition.Tone is Tone.Bad or Tone.Doubtful && view.Filter.Shows(row.Server))
            .Take(MostTroubles)
            .ToList();
        if (troubles.Count == 0)
        {
            return;
        }
        html.Add($"<ul>\n");
        foreach ((ProxySnapshot proxy, ServerSnapshot server, Condition condition) in troubles)
        {
            html.Add($"<li><a href=\"#{Parts.RowId(proxy, server)}\">{proxy.Model.Name}/{server.Model.Name}</a>: ");
            html.Add($"{condition.Word}{(condition.Tone == Tone.Bad ? " " + Condition.Since(server) : "")}</li>\n");
        }
        html.Add($"</ul>\n");
    }

    private static void Choices(HtmlWriter html, PageView view)
    {
        StatsUri now = view.Uri;
        if (view.Page.Refresh is { } refresh)
        {
            string every = Words.Duration(refresh);
            Choice(html, view, now with { NoRefresh = !now.NoRefresh }, now.NoRefresh ? $"Refresh every {every}" : $"Stop refresh (every {every})");
        }
        if (now.NoRefresh || view.Page.Refresh is null)
        {
            Choice(html, view, now, "Refresh now");
        }
        Choice(html, view, now with { OnlyUp = !now.OnlyUp, HideMaintenance = false }, now.OnlyUp ? "Show all servers" : "Only servers that are up");
        if (!now.OnlyUp)
        {
            Choice(html, view, now with { HideMaintenance = !now.HideMaintenance },
                now.HideMaintenance ? "Show maintenance" : "Hide maintenance");
        }
        Choice(html, view, new StatsUri { Csv = true, NoRefresh = true }, "CSV");
    }

    private static void Choice(HtmlWriter html, PageView view, StatsUri uri, string text) =>
        html.Add($"<li><a href=\"{view.Page.Uri}{uri.Options}\">{text}</a></li>\n");
}
