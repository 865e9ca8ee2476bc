using System;

namespace ExchangeLb.Admin.Page;

/// <summary>Pieces of which the boxes are made.</summary>
internal static class Parts
{
    /// <summary>A state: mark, word and colour. <paramref name="title"/>: the same in HAProxy's words.</summary>
    public static void Pill(HtmlWriter html, Condition condition, string title = "")
    {
        (string css, string mark) = condition.Tone switch
        {
            Tone.Good => ("good", "●"),
            Tone.Doubtful => ("doubtful", "▲"),
            Tone.Bad => ("bad", "■"),
            Tone.Intended => ("intended", "◆"),
            _ => ("neutral", "○"),
        };
        html.Add($"<span class=\"pill {css}\" title=\"{title}\"><span class=\"mark\" aria-hidden=\"true\">{mark}</span>{condition.Word}</span>");
    }

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
        string css = value is "0" or "0 B" or "0 s" or "–" ? "num nil" : "num";
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
