using System;
using System.Collections.Immutable;
using ExchangeLb.Admin.Text;

namespace ExchangeLb.Admin.Page;

/// <summary>The stats page: one document without script, made anew for each request.</summary>
internal static class StatsPage
{
    /// <summary>What the page consists of, from top to bottom. A further box is one more row.</summary>
    private static readonly ImmutableArray<Action<HtmlWriter, PageView>> Boxes =
    [
        TopBox.Write,
        ClusterBox.Write,
        ProcessBox.Write,
        ProxyBoxes.Write,
    ];

    public static void Write(Utf8Writer output, PageView view)
    {
        var html = new HtmlWriter(output);
        Verdict verdict = Verdict.Of(view);
        html.Add($"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Add($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
        html.Add($"<title>{verdict.Title} – {view.Node} – ExchangeLb</title>\n");
        html.Add($"<link rel=\"icon\" href=\"data:image/svg+xml,{verdict.Icon}\">\n<style>");
        output.Text(PageStyle.Css);   // byte for byte what its digest was taken of
        html.Add($"</style>\n</head>\n<body>\n");
        foreach (Action<HtmlWriter, PageView> box in Boxes)
        {
            box(html, view);
        }
        html.Add($"</body>\n</html>\n");
    }
}
