using System;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Page;

/// <summary>Pieces of which the boxes are made.</summary>
internal static class Parts
{
    /// <summary>A state: mark, word and colour. <paramref name="title"/>: the same in HAProxy's words.</summary>
    public static void Pill(HtmlWriter html, Condition condition, string title = "")
    {
        html.Add($"<span class=\"pill {Css(condition.Tone)}\" title=\"{title}\">");
        html.Add($"<span class=\"mark\" aria-hidden=\"true\">{Mark(condition.Tone)}</span>{condition.Word}</span>");
    }

    /// <summary>Where links to a server lead. Made of numbers, since names may hold anything.</summary>
    public static string RowId(ProxySnapshot proxy, ServerSnapshot server) => $"server-{proxy.Model.Id}-{server.Model.Id}";

    /// <summary>The style sheet's name of a tone.</summary>
    public static string Css(Tone tone) => tone switch
    {
        Tone.Good => "good",
        Tone.Doubtful => "doubtful",
        Tone.Bad => "bad",
        Tone.Intended => "intended",
        _ => "neutral",
    };

    /// <summary>Tells a tone by its shape, to those who cannot tell it by its colour.</summary>
    public static string Mark(Tone tone) => tone switch
    {
        Tone.Good => "●",
        Tone.Doubtful => "▲",
        Tone.Bad => "■",
        Tone.Intended => "◆",
        _ => "○",
    };

    /// <summary>How full something with a limit is; nothing where there is no limit.</summary>
    public static void Bar(HtmlWriter html, long used, long limit)
    {
        if (limit <= 0)
        {
            return;
        }
        long percent = Math.Clamp(used * 100 / limit, used > 0 ? 1 : 0, 100);
        string css = percent >= 95 ? "bad" : percent >= 80 ? "doubtful" : "calm";
        // Attributes of SVG, not styles: the page's policy allows no inline style.
        html.Add($"<svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
        html.Add($"<rect class=\"track\" width=\"100\" height=\"4\"/><rect class=\"{css}\" width=\"{percent}\" height=\"4\"/></svg>");
    }

    /// <summary>A fact of a list: label, value, and what belongs to it in small print.</summary>
    public static void Fact(HtmlWriter html, string label, string value, string note = "")
    {
        OpenFact(html, label, value, note);
        CloseFact(html);
    }

    /// <summary>The same with a bar under it.</summary>
    public static void FactWithBar(HtmlWriter html, string label, long used, long limit, string note)
    {
        OpenFact(html, label, Words.Count(used), note);
        Bar(html, used, limit);
        CloseFact(html);
    }

    /// <summary>A cell: value, and small print under it. Zero without small print is shown pale, so that what is not zero stands out.</summary>
    public static void Cell(HtmlWriter html, string label, string value, string note = "")
    {
        OpenCell(html, label, value, note);
        html.Add($"</td>");
    }

    public static void CellWithBar(HtmlWriter html, string label, long used, long limit, string note)
    {
        OpenCell(html, label, Words.Count(used), note);
        Bar(html, used, limit);
        html.Add($"</td>");
    }

    private static void OpenCell(HtmlWriter html, string label, string value, string note)
    {
        // The label is repeated in the cell for narrow screens, where the style sheet shows each row as a list.
        string css = value is "0" or "0\u00A0B" or "0\u00A0s" or "–" ? "num nil" : "num";
        html.Add($"<td role=\"cell\" class=\"{css}\" data-label=\"{label}\"><span class=\"v\">{value}</span>");
        Note(html, note);
    }

    private static void OpenFact(HtmlWriter html, string label, string value, string note)
    {
        html.Add($"<div><dt>{label}</dt><dd><span class=\"v\">{value}</span>");
        Note(html, note);
    }

    private static void CloseFact(HtmlWriter html) => html.Add($"</dd></div>\n");

    private static void Note(HtmlWriter html, string note)
    {
        if (note.Length > 0)
        {
            html.Add($"<small>{note}</small>");
        }
    }
}
