using ExchangeLb.Admin.Http;

namespace ExchangeLb.Admin.Page;

/// <summary>Name of the box, the verdict, and what can be chosen.</summary>
internal static class TopBox
{
    public static void Write(HtmlWriter html, PageView view)
    {
        html.Add($"<header class=\"top\">\n<div class=\"name\"><h1>{view.Node}</h1><p>ExchangeLb");
        if (!view.Page.HideVersion)
        {
            html.Add($" {view.Process.Version}");
        }
        if (view.Description.Length > 0)
        {
            html.Add($" · {view.Description}");
        }
        html.Add($"</p></div>\n");

        Verdict verdict = Verdict.Of(view);
        html.Add($"<div class=\"verdict\" role=\"status\">");
        Parts.Pill(html, new Condition(verdict.Sentence, verdict.Tone));
        if (verdict.Detail.Length > 0)
        {
            html.Add($"<p>{verdict.Detail}</p>");
        }
        html.Add($"</div>\n<nav aria-label=\"View\"><ul>\n");
        Choices(html, view);
        html.Add($"</ul></nav>\n</header>\n");
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
            Choice(html, view, now, "Reload");
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
